"""Values of Python itself and of its library."""

from .case import table

CASES = table("""
# numbers
i = 10 ** 5000; f = float('nan'); inf = float('-inf'); c = 1 + 2j; b = True; z = -0.0
---
assert i == 10 ** 5000 and f != f and inf < 0 and c == 1 + 2j and b is True and str(z) == '-0.0'

# strings and bytes with every byte
s = 'a\\r\\nb\\x00\\ud800é😀'; b = bytes(range(256)); x = 13; l = list(range(20))
---
assert b == bytes(range(256)) and x == 13 and l[13] == 13 and s == 'a\\r\\nb\\x00\\ud800é😀'

# singletons
n = None; e = ...; i = NotImplemented; t = type(None); te = type(...)
---
assert n is None and e is ... and i is NotImplemented and t is type(None) and te is type(...)

# times
import datetime, zoneinfo
d = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc); td = datetime.timedelta(1); z = zoneinfo.ZoneInfo('UTC')
---
assert d.year == 2020 and d.tzinfo is datetime.timezone.utc and td.days == 1 and z.key == 'UTC'

# decimals, fractions, uuid, paths, ip
import decimal, fractions, uuid, pathlib, ipaddress
d = decimal.Decimal('1.10'); f = fractions.Fraction(1, 3); u = uuid.UUID(int=5); p = pathlib.Path('/a/b'); ip = ipaddress.ip_address('::1')
---
assert str(d) == '1.10' and f * 3 == 1 and u.int == 5 and p.name == 'b' and str(ip) == '::1'

# collections
import collections
o = collections.OrderedDict(b=1, a=2); c = collections.Counter('aab'); q = collections.deque([1, 2], maxlen=2); m = collections.ChainMap({'a': 1}, {'b': 2})
---
assert list(o) == ['b', 'a'] and c['a'] == 2 and q.maxlen == 2 and m['b'] == 2

# iterators in the middle
import itertools
c = itertools.count(5, 2); next(c); e = enumerate('abc'); next(e); z = zip([1, 2], [3, 4]); next(z); r = iter(range(5)); next(r); m = map(str, [1, 2]); rv = reversed([1, 2, 3]); next(rv)
---
assert next(c) == 7 and next(e) == (1, 'b') and next(z) == (2, 4) and next(r) == 1 and list(m) == ['1', '2'] and next(rv) == 2

# views of a dict
d = {'a': 1}; k = d.keys(); v = d.values(); i = d.items()
---
assert list(k) == ['a'] and list(v) == [1] and list(i) == [('a', 1)]

# mapping proxy, slice, range, simple namespace, generic alias
import types
mp = types.MappingProxyType({'a': 1}); s = slice(1, 2); r = range(3); ns = types.SimpleNamespace(a=1); ga = list[int]
---
assert mp['a'] == 1 and s.stop == 2 and list(r) == [0, 1, 2] and ns.a == 1 and ga.__args__ == (int,)

# builtin functions and methods
f = len; m = 'abc'.upper; d = [].append; t = str.join; s = object.__init__; import operator; g = operator.itemgetter(1); a = operator.attrgetter('x.y')
---
assert f is len and m() == 'ABC' and t(',', 'ab') == 'a,b' and g([1, 2]) == 2 and s is object.__init__

# regular expressions and struct
import re, struct
p = re.compile('a+', re.I); s = struct.Struct('<I')
---
assert p.match('AAA') and p.flags & re.I and s.size == 4

# memory
import io, array
b = io.BytesIO(b'abc'); b.read(1); s = io.StringIO('xyz'); s.read(1); a = array.array('d', [1.5, 2.5]); big = array.array('i', range(50_000)); mv = memoryview(bytearray(b'abc'))
---
assert b.read() == b'bc' and s.read() == 'yz' and a[1] == 2.5 and big[49_999] == 49_999 and bytes(mv) == b'abc'

# a view of shared memory
ba = bytearray(b'abc'); mv = memoryview(ba)
---
mv[0] = 65; assert ba == b'Abc'

# random number generators
import random
r = random.Random(4); r.random(); s = random.getstate()
---
q = random.Random(4); q.random(); assert r.random() == q.random()
assert random.getstate() == s

# the module's own generator and bound functions
import random
draw = random.random; sample = random.sample
---
assert draw.__self__ is random._inst and len(sample(range(9), 3)) == 3

# modules
import os, os.path as osp, collections.abc, xml.dom.minidom as md
---
assert osp is os.path and osp is __import__('os.path').path and md.parseString('<a/>')

# the environment and standard streams
import os, sys
e = os.environ; out = sys.stdout
---
assert e is os.environ and out is sys.stdout

# loggers
import logging
l = logging.getLogger('my.logger')
---
assert l is logging.getLogger('my.logger')

# a deep list
d = []
for _ in range(20_000): d = [d]
---
n = 0
while d: d = d[0]; n += 1
assert n == 20_000

# a long linked list
class N: pass
head = N(); x = head
for _ in range(20_000): x.n = N(); x = x.n
---
n = 0
while hasattr(head, 'n'): head = head.n; n += 1
assert n == 20_000

# two threads of names: locals, contexts
import threading, contextvars
t = threading.local(); t.x = 5
---
assert t.x == 5

# locks and events
import threading, queue
l = threading.Lock(); l.acquire(); r = threading.RLock(); e = threading.Event(); e.set(); q = queue.Queue(); q.put(7); c = threading.Condition(); s = threading.Semaphore(3)
---
assert not l.locked() and r.acquire() and e.is_set() and q.get() == 7 and s.acquire()
with c: c.notify_all()

# asyncio primitives
import asyncio
l = asyncio.Lock(); q = asyncio.Queue()
---
assert not l.locked() and q.empty()

# an open file at its position
import tempfile, os
_p = tempfile.mkstemp()[1]; open(_p, 'w').write('line 1\\nline 2\\n'); f = open(_p); f.readline(); w = open(_p + 'w', 'w'); w.write('half')
---
assert f.readline() == 'line 2\\n'; w.write(' whole'); w.close(); assert open(w.name).read() == 'half whole'

# a file in bytes, read and written
import tempfile
f = open(tempfile.mkstemp()[1], 'w+b'); f.write(b'abcdef'); f.seek(2)
---
assert f.read(2) == b'cd'; f.write(b'XY'); f.seek(0); assert f.read() == b'abcdXY'

# a memory map
import mmap
m = mmap.mmap(-1, 10); m[:3] = b'abc'; m.seek(3)
---
assert m[:3] == b'abc' and m.tell() == 3; m[0:1] = b'X'

# around: directory, path, environment, recursion
import os, sys, tempfile, warnings, decimal
os.chdir(tempfile.gettempdir()); sys.path.append(tempfile.gettempdir()); os.environ['MY_OWN'] = 'x'; os.environ['MY_TOKEN'] = 'secret'; sys.setrecursionlimit(4321)
warnings.simplefilter('ignore', UserWarning); decimal.getcontext().prec = 7
---
assert os.getcwd() == tempfile.gettempdir() and tempfile.gettempdir() in sys.path and os.environ['MY_OWN'] == 'x' and sys.getrecursionlimit() == 4321
assert 'MY_TOKEN' not in os.environ and decimal.getcontext().prec == 7
with warnings.catch_warnings(record=True) as w: warnings.warn('x', UserWarning)
assert not w

# a property is not evaluated
touched = []
class A:
    @property
    def p(self): touched.append(1); return 1
a = A()
---
assert touched == []
""")
