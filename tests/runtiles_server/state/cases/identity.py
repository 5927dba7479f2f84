"""Names for the same thing, cycles, and sharing across variables."""

from .case import table

CASES = table("""
# two names for one list
a = [1]; b = a
---
assert a is b; b.append(2); assert a == [1, 2]

# a list that holds itself
a = []; a.append(a)
---
assert a[0] is a

# a dict that holds itself
d = {}; d['d'] = d
---
assert d['d'] is d

# two dicts that hold each other
p = {}; q = {'p': p}; p['q'] = q
---
assert p['q'] is q and q['p'] is p

# one object in three containers
x = object(); a = [x]; b = {'x': x}; c = (x,)
---
assert a[0] is b['x'] is c[0] is x

# a tuple in a cycle
a = []; t = (a, 1); a.append(t)
---
assert t[0] is a and a[0] is t

# instances that hold each other
class N: pass
a = N(); b = N(); a.o = b; b.o = a
---
assert a.o is b and b.o is a and type(a) is N

# a doubly linked list
class N:
    def __init__(s, p): s.p = p; s.n = None
head = N(None); tail = head
for _ in range(50):
    tail.n = N(tail); tail = tail.n
---
n, c = head, 0
while n.n: assert n.n.p is n; n = n.n; c += 1
assert n is tail and c == 50

# an instance in its own class's registry
class R:
    all = []
    def __init__(s): R.all.append(s)
a = R(); b = R()
---
assert R.all == [a, b] and R.all[0] is a
R(); assert len(R.all) == 3

# a set of instances in a cycle, hashed by value
class K:
    def __init__(s, v): s.v = v; s.home = None
    def __hash__(s): return hash(s.v)
    def __eq__(s, o): return s.v == o.v
k = K(1); home = {k}; k.home = home
---
assert k in home and k.home is home and len(home) == 1

# a dict key in a cycle, hashed by value
class K:
    def __init__(s, v): s.v = v; s.home = None
    def __hash__(s): return hash(s.v)
    def __eq__(s, o): return s.v == o.v
k = K(1); home = {k: 'v'}; k.home = home
---
assert home[k] == 'v' and k.home is home

# the same string and the same big integer
s = 'x' * 100; a = [s, s]; n = 10 ** 50; b = [n, n]
---
assert a[0] is a[1] is s and b[0] == b[1] == n == 10 ** 50

# the namespace in itself
g = globals()
---
assert g is globals(); g['new'] = 5; assert new == 5

# an iterator and its list
a = [1, 2, 3]; i = iter(a); next(i)
---
a.append(4); assert list(i) == [2, 3, 4]

# bytearray shared
b = bytearray(b'abc'); c = [b]
---
c[0][0] = 65; assert b == b'Abc'

# two bound methods of one object
class A:
    def m(s): return s
a = A(); f = a.m; g = a.m
---
assert f() is a and g.__self__ is a and f == a.m

# a default dict of lists shared
import collections
d = collections.defaultdict(list); d['a'].append(1); l = d['a']
---
l.append(2); assert d['a'] == [1, 2] and d['new'] == []

# an empty tuple and frozenset
t = (); f = frozenset()
---
assert t == () and f == frozenset()

# frozen set that leads back to itself
class H: pass
h = H(); h.f = frozenset([h])
---
assert next(iter(h.f)) is h

# 100,000 variables
for _i in range(100_000): globals()[f'v{_i}'] = _i
---
assert v0 == 0 and v99999 == 99999 and len([n for n in globals() if n.startswith('v')]) == 100_000

# underscores are the user's
_a = 1; __b = 2; _private_thing = [3]
---
assert (_a, __b, _private_thing) == (1, 2, [3])
""")
