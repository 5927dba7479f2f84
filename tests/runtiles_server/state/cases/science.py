"""Other big libraries; each case runs where its library is installed."""

from .case import Case, table

CASES: list[Case] = [
    *table(
        """
# sparse matrices
import scipy.sparse as sp, numpy as np
m = sp.random(500, 500, 0.1, format='csr', random_state=0); c = sp.coo_matrix(np.eye(3)); total = m.sum()
---
assert abs(m.sum() - total) < 1e-9 and c.toarray().trace() == 3 and m.format == 'csr'
""",
        needs=("scipy",),
    ),
    *table(
        """
# a pipeline with a lambda
import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.linear_model import LinearRegression
from sklearn.ensemble import RandomForestRegressor
x = np.arange(40.0).reshape(20, 2); y = x.sum(1)
p = make_pipeline(FunctionTransformer(lambda a: a * 2), StandardScaler(), LinearRegression()).fit(x, y)
forest = RandomForestRegressor(5, random_state=0).fit(x, y); was = p.predict(x), forest.predict(x)
---
assert np.allclose(p.predict(x), was[0]) and np.allclose(forest.predict(x), was[1])
""",
        needs=("sklearn",),
    ),
    *table(
        """
# polars frames
import polars as pl
df = pl.DataFrame({'a': range(1000), 's': [str(i) for i in range(1000)]}); lazy = df.lazy().filter(pl.col('a') > 990)
---
assert df['a'].sum() == 499500 and df['s'][999] == '999' and lazy.collect().height == 9
""",
        needs=("polars",),
    ),
    *table(
        """
# figures and options
import matplotlib; matplotlib.use('Agg')
import matplotlib.pyplot as plt
plt.rcParams['lines.linewidth'] = 7; fig, ax = plt.subplots(); line, = ax.plot([1, 2, 3]); ax.set_title('T')
---
import io
assert ax.get_title() == 'T' and line in ax.lines and fig.axes[0] is ax and plt.rcParams['lines.linewidth'] == 7
fig.savefig(io.BytesIO()); assert matplotlib.get_backend().lower() == 'agg'

# the figures of pyplot, their numbers, and which one is drawn on
import matplotlib; matplotlib.use('Agg')
import matplotlib.pyplot as plt
plt.close('all'); three = plt.figure(3); seven = plt.figure(7); seven.add_subplot(); plt.figure(3); ax = three.add_subplot(projection='3d')
---
assert plt.get_fignums() == [3, 7] and plt.gcf() is three and plt.figure(7) is seven and ax.name == '3d'
plt.plot([1, 2]); assert len(seven.axes[0].lines) == 1
plt.close('all')
""",
        needs=("matplotlib",),
    ),
    *table(
        """
# tables of Arrow
import pyarrow as pa
t = pa.table({'a': list(range(10_000)), 's': ['x'] * 10_000}); arr = pa.array([1, None])
---
assert t.num_rows == 10_000 and t['a'][9999].as_py() == 9999 and arr.null_count == 1
""",
        needs=("pyarrow",),
    ),
    *table(
        """
# models of pydantic
import pydantic
class M(pydantic.BaseModel):
    x: int
    y: str = 'y'
m = M(x=1)
---
assert m.x == 1 and M(x='3').x == 3 and m.model_dump() == {'x': 1, 'y': 'y'}
try: M(x='no'); raise SystemError
except pydantic.ValidationError: pass
""",
        needs=("pydantic",),
    ),
]
