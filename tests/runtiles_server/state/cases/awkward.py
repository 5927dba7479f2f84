"""Objects that defend themselves: each costs itself and nothing else."""

from .case import table

CASES = table("""
# reduce raises lost: d['bad']
class B:
    def __reduce__(self): raise ValueError('no')
d = {'good': [1], 'bad': B()}
---
assert d['good'] == [1] and 'ValueError: no' in repr(d['bad'])

# reduce exits lost: l[0]
class B:
    def __reduce_ex__(self, p): raise SystemExit
l = [B(), 1]
---
assert l[1] == 1

# getstate raises lost: l[0]
class B:
    def __getstate__(self): raise KeyError
l = [B(), 1]
---
assert l[1] == 1

# reduce gives nonsense lost: l[0] | l[1] | l[2]
class A:
    def __reduce__(self): return 5
class B:
    def __reduce__(self): return (1, 2)
class C:
    def __reduce__(self): return 'not_there'
l = [A(), B(), C(), 1]
---
assert l[3] == 1

# setstate raises on load lost: l[0]
class B:
    def __getstate__(self): return {'x': 1}
    def __setstate__(self, s): raise ValueError('later')
l = [B(), 1]
---
assert l[1] == 1

# setstate exits on load lost: l[0]
class B:
    def __getstate__(self): return 1
    def __setstate__(self, s): raise SystemExit(3)
l = [B(), 1]
---
assert l[1] == 1

# constructor raises on load lost: l[0]
def boom(): raise RuntimeError('boom')
class B:
    def __reduce__(self): return boom, ()
l = [B(), 1]
---
assert l[1] == 1 and 'boom' in repr(l[0])

# constructor exits on load lost: l[0]
import sys
class B:
    def __reduce__(self): return sys.exit, (1,)
l = [B(), 1]
---
assert l[1] == 1

# getattr recursion
class B:
    def __getattr__(self, n): return getattr(self.inner, n)
b = B(); b.inner = [1]
---
assert b.inner == [1]; b.append(2); assert b.inner == [1, 2]

# getattr that answers everything
class B:
    def __getattr__(self, n): return lambda *a: 'any'
b = B(); b.x = 1
---
assert b.x == 1 and b.foo() == 'any'

# getattribute that raises lost: l[0]
class B:
    def __getattribute__(self, n): raise RuntimeError('hands off')
l = [B(), 1]
---
assert l[1] == 1

# class property that lies
class B:
    @property
    def __class__(self): return int
l = [B(), 1]
---
assert type(l[0]) is B and l[1] == 1

# hash that raises when it is a key on load
class K:
    broken = False
    def __hash__(self):
        if K.broken: raise ValueError('hash')
        return 1
d = {K(): 'v', 'other': 1}
---
assert d['other'] == 1 and len(d) == 2

# eq that raises
class K:
    def __eq__(self, o): raise ValueError('eq')
    def __hash__(self): return 1
l = [K(), 1]
---
assert l[1] == 1

# repr and str that raise lost: l[0]
class B:
    def __repr__(self): raise ValueError
    def __reduce__(self): raise type('E', (Exception,), {'__str__': lambda s: 1 / 0})()
l = [B(), 1]
---
assert l[1] == 1

# endless reduce
class B:
    def __reduce__(self): return list, ([B()],)
b = B(); ok = [1]
---
assert ok == [1]

# slots that were never set, and one deleted
class S: __slots__ = 'a', 'b'
s = S(); s.a = 1; s.b = 2; del s.b
---
assert s.a == 1 and not hasattr(s, 'b')

# new with required arguments
class N:
    def __new__(cls, a): o = super().__new__(cls); o.a = a; return o
    def __getnewargs__(self): return (self.a,)
n = N(5)
---
assert n.a == 5

# new with required arguments and no getnewargs lost: l[0]
class N:
    def __new__(cls, a): return super().__new__(cls)
l = [N(5), 1]
---
assert l[1] == 1

# init is not called
class I:
    made = 0
    def __init__(self): I.made += 1
i = I()
---
assert I.made == 1

# copyreg
import copyreg
class P:
    def __init__(self, x): self.x = x
copyreg.pickle(P, lambda p: (P, (p.x + 1,)))
p = P(1)
---
assert p.x == 2

# mutable object changed while saved
class M:
    def __getstate__(self): log.append(1); return {}
log = []; m = M()
---
assert isinstance(m, M)

# a name that is not a name
globals()['not a name'] = 1; globals()['for'] = 2
---
assert globals()['not a name'] == 1 and globals()['for'] == 2

# a shadowed builtin
list = [1]; len = 5; print = None
---
assert list == [1] and len == 5 and print is None

# a monkeypatched class of the library keeps its instances
import collections
u = collections.UserDict(a=1); collections.UserDict.extra = 5
---
assert u['a'] == 1

# a placeholder explains itself lost: g
g = (i for i in range(3))
---
from runtiles_server.state import LostObjectError
for use in (lambda: g(), lambda: next(g), lambda: g.send, lambda: list(g), lambda: len(g), lambda: g[0]):
    try: use(); raise SystemError
    except LostObjectError as e: assert 'generator' in str(e)
assert g is not None and {g: 1}[g] == 1 and g == g

# finalizers do not run while loading
log = []
class F:
    def __del__(self): log.append(1)
f = F()
---
assert log == []
""")
