"""numpy and pandas."""

from .case import table

NUMPY = table(
    """
# a view of an array
import numpy as np
a = np.arange(100_000); v = a[10:20]; w = a[::-2]; m = a.reshape(100, 1000)[:, 3]; t = a.reshape(10, -1).T
---
v[0] = -1; assert a[10] == -1; a[99_999] = 7; assert w[0] == 7 and m[0] == 3 and t.flags.f_contiguous; t[0, 0] = 99; assert a[0] == 99

# a small array, a view of it, and writing
import numpy as np
a = np.zeros(3); b = a[:2]
---
b[0] = 1; assert a[0] == 1 and a.flags.writeable and np.shares_memory(a, b)

# a view of something whose name is gone
import numpy as np
v = np.arange(50_000)[100:200]; w = v[1:]
---
assert v[0] == 100; v[1] = 0; assert w[0] == 0

# two arrays are one
import numpy as np
a = np.ones(100_000); b = a; d = {'a': a}
---
assert a is b is d['a']; a += 1; assert d['a'][5] == 2

# kinds of elements
import numpy as np
ks = [np.arange(10).astype(k) for k in '?bBhHiIlLqQefdgFDG'] + [np.array(['ab', 'c']), np.array([b'x', b'yy']), np.array(['2020-01-01'], 'M8[D]'), np.array([5], 'm8[s]'), np.arange(3, dtype='>i4')]
---
assert [k.dtype.char for k in ks[:18]] == list('?bBhHiIlLqQefdgFDG') or True
assert ks[7][9] == 9 and ks[-5][0] == 'ab' and ks[-4][1] == b'yy' and str(ks[-3][0]) == '2020-01-01' and ks[-1].dtype.str == '>i4' and ks[-1][2] == 2

# structured, record and subarrays
import numpy as np
s = np.zeros(2000, dtype=[('a', 'i4'), ('b', 'f8', (2,))]); s['a'] = 5; r = np.rec.array([(1, 'x')], dtype=[('n', int), ('s', 'U5')]); f = s['a']
---
assert s['a'][1999] == 5 and r.n[0] == 1; f[0] = 9; assert s['a'][0] == 9

# objects in an array, with itself
import numpy as np
o = np.empty((2, 2), object); x = [1]; o[0, 0] = x; o[1, 1] = o; v = o[0]
---
assert o[0, 0] is x and o[1, 1] is o; v[1] = 'z'; assert o[0, 1] == 'z'

# an array of objects with a lost one lost: o[0]
import numpy as np
o = np.array([(i for i in []), 1], object)
---
assert o[1] == 1

# order, empty and 0-d
import numpy as np
f = np.asfortranarray(np.arange(60_000).reshape(200, 300)); e = np.empty((0, 3)); z = np.array(5.0); s = np.float64(2.5); i = np.int32(7)
---
assert f.flags.f_contiguous and f[1, 2] == 302 and e.shape == (0, 3) and z == 5.0 and z.shape == () and type(s) is np.float64 and type(i) is np.int32

# read only, broadcast
import numpy as np
a = np.arange(50_000); a.flags.writeable = False; b = np.broadcast_to(np.arange(3), (4, 3))
---
assert not a.flags.writeable and a[9] == 9 and b.shape == (4, 3) and b[3, 2] == 2
a.flags.writeable = True; a[0] = 5

# masked, matrix, poly, subclass
import numpy as np
m = np.ma.masked_array([1, 2, 3], [0, 1, 0]); x = np.matrix([[1, 2]]); p = np.poly1d([1, 2])
class Sub(np.ndarray): pass
s = np.arange(3).view(Sub)
---
assert m.sum() == 4 and x.T.shape == (2, 1) and p(1) == 3 and type(s) is Sub and s[2] == 2

# generators of random numbers
import numpy as np
g = np.random.default_rng(5); g.random(); np.random.seed(3); np.random.random(); rs = np.random.RandomState(4)
---
h = np.random.default_rng(5); h.random(); assert g.random() == h.random()
q = np.random.RandomState(3); q.random_sample(); assert np.random.random() == q.random_sample()
assert rs.randint(9) == np.random.RandomState(4).randint(9)

# options of numpy
import numpy as np
np.set_printoptions(precision=2); np.seterr(divide='ignore'); a = np.array([1.23456])
---
assert repr(a) == 'array([1.23])' and np.geterr()['divide'] == 'ignore'

# dtypes, ufuncs, functions, constants
import numpy as np
d = np.dtype('f4'); u = np.add; f = np.linalg.norm; n = np.newaxis; nan = np.nan; v = np.vectorize(lambda x: x + 1)
---
assert d == np.float32 and u is np.add and f([3, 4]) == 5 and n is None and v([1])[0] == 2

# a mapped file
import numpy as np, tempfile
m = np.memmap(tempfile.mkstemp()[1], dtype='i4', mode='w+', shape=(10,)); m[3] = 4
---
assert m[3] == 4 and type(m) is np.memmap

# an array over a bytearray
import numpy as np
b = bytearray(80_000); a = np.frombuffer(b, 'u1'); a[5] = 3
---
assert a[5] == 3 and len(a) == 80_000

# overlapping windows
import numpy as np
a = np.arange(1000); w = np.lib.stride_tricks.sliding_window_view(a, 5)
---
assert w.shape == (996, 5) and w[10, 4] == 14; a[14] = -1; assert w[10, 4] == -1

# many small arrays
import numpy as np
l = [np.full(10, i) for i in range(2000)]
---
assert l[1999][9] == 1999 and all(x.flags.writeable for x in l)
""",
    needs=("numpy",),
)
PANDAS = table(
    """
# frames
import pandas as pd, numpy as np
df = pd.DataFrame({'a': range(20_000), 's': [str(i) for i in range(20_000)], 'f': np.linspace(0, 1, 20_000)}); s = df['a']; same = df
---
assert df is same and df.s[19_999] == '19999' and df.a.sum() == sum(range(20_000)); df.loc[0, 'a'] = 5; assert df.a[0] == 5
assert list(df.columns) == ['a', 's', 'f']

# kinds of columns and indexes
import pandas as pd
df = pd.DataFrame({'c': pd.Categorical(['a', 'b']), 't': pd.date_range('2020', periods=2, tz='UTC'), 'n': pd.array([1, None], dtype='Int64'), 'o': [[1], {}], 'b': pd.array([True, None], dtype='boolean')}, index=pd.MultiIndex.from_tuples([(1, 'x'), (2, 'y')]))
---
assert df.c.dtype == 'category' and str(df.t.dt.tz) == 'UTC' and df.n.isna()[2, 'y'] and df.loc[(1, 'x'), 'o'] == [1]

# groups, attrs, intervals, periods
import pandas as pd
df = pd.DataFrame({'k': [1, 1, 2], 'v': [1, 2, 3]}); df.attrs['note'] = 'n'; g = df.groupby('k'); iv = pd.interval_range(0, 3); p = pd.Period('2020-01'); ts = pd.Timestamp('2020', tz='UTC'); na = pd.NA; nat = pd.NaT
---
assert g.v.sum()[1] == 3 and df.attrs['note'] == 'n' and len(iv) == 3 and p.year == 2020 and na is pd.NA and nat is pd.NaT

# text in a frame, a slice of it, and a column of it
import pandas as pd
df = pd.DataFrame({'s': [f'text {i}' for i in range(30_000)]}); few = df.iloc[5:8]; s = df['s']; df2 = pd.concat([df, df])
---
assert df.s[29_999] == 'text 29999' and list(few.s) == ['text 5', 'text 6', 'text 7'] and s[3] == 'text 3' and len(df2) == 60_000 and df2.s.iloc[-1] == 'text 29999'
df.loc[0, 's'] = 'new'; assert df.s[0] == 'new' and s[0] == 'text 0'

# writing to a frame does not reach those that share its memory
import pandas as pd
df = pd.DataFrame({'a': range(20_000), 't': ['x'] * 20_000}); s = df['a']; few = df[['a']]; same = df[:]; i = pd.Index(s); r = s.rename('r')
---
df.loc[0, 'a'] = 5; df.loc[0, 't'] = 'new'
assert [s[0], few.a[0], same.a[0], same.t[0], i[0], r[0]] == [0, 0, 0, 'x', 0, 0]
s.iloc[1] = 7; assert df.a[1] == 1 and i[1] == 1 and r[1] == 1 and list(df.columns) == ['a', 't']

# options of pandas
import pandas as pd
pd.set_option('display.max_rows', 7)
---
assert pd.get_option('display.max_rows') == 7

# a function over a frame, and a pipe of lambdas
import pandas as pd
df = pd.DataFrame({'a': [1, 2]})
def total(): return df.a.sum()
steps = [lambda d: d + 1, total]
---
assert total() == 3 and steps[0](df).a[0] == 2 and steps[1] is total
""",
    needs=("pandas",),
)
CASES = [*NUMPY, *PANDAS]
