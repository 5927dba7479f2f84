"""Functions and classes by value."""

from .case import table

CASES = table('''
# a function sees a rebound global
k = 1
def f(): return k
---
assert f() == 1; k = 5; assert f() == 5

# a function writes a global
n = 0
def inc():
    global n; n += 1
---
inc(); inc(); assert n == 2

# closures share a cell
def mk():
    c = 0
    def inc():
        nonlocal c; c += 1
    def get(): return c
    return inc, get
inc, get = mk(); inc()
---
inc(); assert get() == 2

# a closure that calls itself
def mk():
    def fact(n): return 1 if n < 2 else n * fact(n - 1)
    return fact
fact = mk()
---
assert fact(5) == 120

# an empty cell
def mk():
    def f(): return later
    if False: later = 1
    return f
f = mk()
---
try: f(); raise AssertionError
except NameError: pass

# functions that call each other
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
---
assert even(10) and odd(7)

# defaults, keyword defaults, annotations, attributes
def f(a, b=[1], *, c: int = 3) -> str:
    "doc"
    return a, b, c
f.tag = 'x'; shared = f.__defaults__[0]
---
assert f(0) == (0, [1], 3) and f.tag == 'x' and f.__doc__ == 'doc' and f.__annotations__ == {'c': int, 'return': str}
shared.append(2); assert f(0)[1] == [1, 2]

# a lambda in a list
fs = [lambda x, i=i: x + i for i in range(3)]
---
assert [f(1) for f in fs] == [1, 2, 3]

# a generator function and a coroutine function
def gen(): yield from range(3)
async def co(): return 7
---
c = co()
try: c.send(None)
except StopIteration as end: assert end.value == 7
assert list(gen()) == [0, 1, 2]

# a decorator with wraps
import functools
def deco(f):
    @functools.wraps(f)
    def w(*a): return f(*a) + 1
    return w
@deco
def f(x): return x
---
assert f(1) == 2 and f.__name__ == 'f' and f.__wrapped__(1) == 1

# lru_cache, also recursive
import functools
@functools.lru_cache(maxsize=None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
fib(20)
---
assert fib(30) == 832040 and fib.cache_info().maxsize is None

# lru_cache of a method
import functools
class A:
    @functools.lru_cache(8)
    def m(self): return 5
a = A()
---
assert a.m() == 5 and A.m.cache_info().maxsize == 8

# partial with a lambda
import functools
p = functools.partial(lambda a, b: a - b, b=1)
---
assert p(3) == 2

# singledispatch
import functools
@functools.singledispatch
def f(x): return 'any'
@f.register(int)
def _f(x): return 'int'
---
assert f('') == 'any' and f(1) == 'int'

# contextmanager
import contextlib
@contextlib.contextmanager
def cm():
    log.append('in'); yield 5; log.append('out')
log = []
---
with cm() as v: assert v == 5
assert log == ['in', 'out']

# source of a function can be read
def f():
    return 'the source'
---
import inspect
assert "'the source'" in inspect.getsource(f)

# exec'd function with its own globals
space = {'k': 3}
exec('def f(): return k', space)
f = space['f']
---
assert f() == 3; space['k'] = 4; assert f() == 4

# a class with everything
class A:
    """doc"""
    count = 0
    def __init__(self, x): self._x = x
    @property
    def x(self): return self._x
    @x.setter
    def x(self, v): self._x = v
    @classmethod
    def make(cls): return cls(9)
    @staticmethod
    def s(): return 's'
a = A(1)
---
assert a.x == 1 and A.make().x == 9 and A.s() == 's' and A.__doc__ == 'doc' and isinstance(a, A)
a.x = 4; assert a._x == 4

# super in two levels
class A:
    def f(self): return ['A']
class B(A):
    def f(self): return super().f() + ['B']
class C(B):
    def f(self): return super().f() + ['C']
c = C()
---
assert c.f() == ['A', 'B', 'C'] and C.__mro__[1] is B

# diamond
class A:
    def f(self): return 'A'
class B(A):
    def f(self): return 'B' + super().f()
class C(A):
    def f(self): return 'C' + super().f()
class D(B, C): pass
d = D()
---
assert d.f() == 'BCA'

# a class redefined while an instance lives
class A: v = 1
old = A()
class A: v = 2
new = A()
---
assert old.v == 1 and new.v == 2 and type(new) is A and type(old) is not A

# slots
class S:
    __slots__ = ('a', 'b', '__c')
    def __init__(self): self.a = 1; self.__c = 3
    def c(self): return self.__c
s = S()
---
assert s.a == 1 and s.c() == 3 and not hasattr(s, 'b') and not hasattr(s, '__dict__')

# slots and a dict, inherited
class S: __slots__ = ('a',)
class T(S): pass
t = T(); t.a = 1; t.z = 2
---
assert t.a == 1 and t.z == 2 and t.__dict__ == {'z': 2}

# enum
import enum
class Col(enum.Enum):
    RED = 1; CRIMSON = 1; BLUE = 'b'
    def shout(self): return self.name + '!'
r = Col.RED; d = {Col.BLUE: 1}
---
assert Col.RED is r and Col(1) is r and Col['CRIMSON'] is r and d[Col.BLUE] == 1 and r.shout() == 'RED!' and list(Col) == [Col.RED, Col.BLUE]

# int enum, flag, enum with init
import enum
class I(enum.IntEnum): A = 1; B = 2
class F(enum.Flag): X = enum.auto(); Y = enum.auto()
class P(enum.Enum):
    E = (3, 4)
    def __init__(self, a, b): self.a = a; self.b = b
both = F.X | F.Y
---
assert I.B == 2 and I(2) is I.B and both == F.X | F.Y and F.X in both and P.E.b == 4 and P((3, 4)) is P.E

# str enum
import enum
class S(str, enum.Enum):
    A = 'a'
x = S.A
---
assert x == 'a' and S('a') is x and isinstance(x, str)

# dataclass
import dataclasses
@dataclasses.dataclass
class D:
    x: int
    y: list = dataclasses.field(default_factory=list)
d = D(1); d.y.append(d)
---
assert d.y[0] is d and [f.name for f in dataclasses.fields(D)] == ['x', 'y'] and D(2) == D(2) and D(3).y == []

# frozen dataclass with slots as a key
import dataclasses
@dataclasses.dataclass(frozen=True)
class P:
    x: int
d = {P(1): 'one'}
---
assert d[P(1)] == 'one'
try: P(1).x = 2; raise SystemError
except dataclasses.FrozenInstanceError: pass

# dataclass with a default that is MISSING
import dataclasses
m = dataclasses.MISSING
---
assert m is dataclasses.MISSING

# namedtuples
import collections, typing
P = collections.namedtuple('P', 'x y', defaults=[5])
class Q(typing.NamedTuple):
    a: int
    b: str = 'b'
p = P(1); q = Q(2)
---
assert p.y == 5 and p == (1, 5) and q.b == 'b' and type(q) is Q and P(1, 2)._replace(x=3) == (3, 2)

# a metaclass
class M(type):
    made = []
    def __new__(m, n, b, d, **k):
        c = super().__new__(m, n, b, d); m.made.append(n); return c
    def __call__(cls, *a): r = super().__call__(*a); r.by = cls.__name__; return r
class A(metaclass=M): pass
a = A()
---
assert type(A) is M and M.made == ['A'] and A().by == 'A' and a.by == 'A'

# __init_subclass__ does not run again
log = []
class Base:
    def __init_subclass__(cls, tag=None, **k): log.append((cls.__name__, tag)); super().__init_subclass__(**k)
class Sub(Base, tag='t'): pass
---
assert log == [('Sub', 't')]
class New(Base, tag='n'): pass
assert log[-1] == ('New', 'n')

# __set_name__ and a descriptor
class Desc:
    def __set_name__(self, o, n): self.n = n
    def __get__(self, i, o=None): return self if i is None else i.__dict__.get(self.n, 0)
    def __set__(self, i, v): i.__dict__[self.n] = v * 2
class A: d = Desc()
a = A(); a.d = 4
---
assert a.d == 8; a.d = 1; assert a.d == 2 and A.d.n == 'd'

# abstract classes
import abc
class Base(abc.ABC):
    @abc.abstractmethod
    def f(self): ...
class Impl(Base):
    def f(self): return 1
class Odd: pass
Base.register(Odd)
i = Impl(); o = Odd()
---
assert isinstance(i, Base) and isinstance(o, Base)
try: Base(); raise SystemError
except TypeError: pass

# generics and type variables
import typing
T = typing.TypeVar('T', bound=int)
class Box(typing.Generic[T]):
    def __init__(self, v: T): self.v = v
b = Box[int](3); hint = typing.List[Box[int]]; opt = typing.Optional[int]
---
assert b.v == 3 and Box.__parameters__ == (T,) and hint.__args__[0].__origin__ is Box and T.__bound__ is int

# protocol and typed dict
import typing
@typing.runtime_checkable
class P(typing.Protocol):
    def f(self): ...
class A:
    def f(self): pass
class TD(typing.TypedDict, total=False):
    x: int
---
assert isinstance(A(), P) and not isinstance(3, P) and TD.__annotations__ == {'x': int} and TD(x=1) == {'x': 1}

# nested class and an exception with its own init
class A:
    class B: z = 1
class E(Exception):
    def __init__(self, code, why): super().__init__(f'{code} {why}'); self.code = code
b = A.B(); e = E(4, 'no')
---
assert type(b) is A.B and e.code == 4 and str(e) == '4 no' and isinstance(e, E)

# exception with a cause
try:
    try: 1 / 0
    except ZeroDivisionError as z: raise ValueError('v') from z
except ValueError as x: e = x
---
assert str(e) == 'v' and isinstance(e.__cause__, ZeroDivisionError)

# errors of the system
e = OSError(2, 'none', 'name'); u = UnicodeDecodeError('utf-8', b'x', 0, 1, 'bad'); k = KeyError('k'); i = ImportError('i', name='m')
---
assert e.errno == 2 and e.filename == 'name' and u.reason == 'bad' and k.args == ('k',) and i.name == 'm' and type(e) is FileNotFoundError

# cached property
import functools
class A:
    n = 0
    @functools.cached_property
    def v(self): A.n += 1; return 5
a = A(); a.v; b = A()
---
assert a.v == 5 and A.n == 1 and b.v == 5 and A.n == 2

# operator overloading and __getattr__
class A:
    def __add__(s, o): return 'add'
    def __getattr__(s, n): return n
a = A()
---
assert a + 1 == 'add' and a.anything == 'anything'

# __class_getitem__, __call__, __contains__
class A:
    def __class_getitem__(c, i): return i
    def __call__(s): return 'c'
    def __contains__(s, x): return x == 1
a = A()
---
assert A[3] == 3 and a() == 'c' and 1 in a

# a subclass of builtins
class L(list): tag = 1
class Dd(dict):
    def __missing__(s, k): return k
class I(int): pass
class S(str):
    def up(s): return s.upper()
l = L([1]); l.x = 2; d = Dd(a=1); i = I(5); i.y = 1; s = S('a'); l.append(l)
---
assert l.x == 2 and l[1] is l and d['zz'] == 'zz' and d['a'] == 1 and i == 5 and i.y == 1 and s.up() == 'A'

# a subclass of dict with its own setitem
class D(dict):
    def __init__(s): s.log = []
    def __setitem__(s, k, v): s.log.append(k); super().__setitem__(k, v)
d = D(); d['a'] = 1
---
assert d == {'a': 1}; d['b'] = 2; assert d.log[-1] == 'b'

# a super object, a property and a static method kept
class A:
    def f(self): return 1
class B(A): pass
b = B(); s = super(B, b); p = property(lambda s: 3); st = staticmethod(len)
---
assert s.f() == 1 and p.fget(0) == 3 and st.__func__('ab') == 2

# new types
import typing
U = typing.NewType('U', int)
---
assert U(3) == 3 and U.__supertype__ is int

# a class from type()
A = type('A', (), {'f': lambda s: 4}); a = A()
---
assert a.f() == 4 and type(a) is A

# a dynamic module
import types
m = types.ModuleType('m'); exec('k = 1\\ndef f(): return k', m.__dict__)
---
assert m.f() == 1; m.k = 2; assert m.f() == 2

# a module that an extension in C makes
from xml.parsers.expat import errors
import pyexpat
m = pyexpat.model
---
assert errors is pyexpat.errors and m is pyexpat.model

# weak references
import weakref
class A: pass
a = A(); r = weakref.ref(a); wd = weakref.WeakValueDictionary(a=a); ws = weakref.WeakSet([a]); wk = weakref.WeakKeyDictionary({a: 1})
gone = weakref.ref(A())
---
assert r() is a and wd['a'] is a and a in ws and wk[a] == 1 and gone() is None
''')
