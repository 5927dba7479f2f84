"""What lives only in its process: named, where it sat."""

from .case import table

CASES = table("""
# a generator in a dict lost: d['g']
d = {'g': (i for i in []), 'x': 1}
---
assert d['x'] == 1 and 'generator' in repr(d['g'])

# a coroutine and an async generator lost: l[0] | l[1]
async def co(): pass
async def ag(): yield 1
l = [co(), ag(), 1]; l[0].close()
---
assert l[2] == 1

# a thread in an object lost: w.thread
import threading
class W: pass
w = W(); w.thread = threading.Thread(); w.x = 1
---
assert w.x == 1

# a socket lost: s
import socket
s = socket.socket()
---
assert 'connection' in repr(s)

# a database connection lost: db | cur
import sqlite3
db = sqlite3.connect(':memory:'); cur = db.cursor(); x = 1
---
assert x == 1

# a pool and a future lost: ex | fu
import concurrent.futures as cf
ex = cf.ThreadPoolExecutor(1); fu = ex.submit(int); fu.result(); ex.shutdown()
---
assert cf

# a process lost: p
import subprocess
p = subprocess.Popen(['true']); p.wait()
---
assert subprocess

# a traceback and a frame lost: tb | fr
import sys
try: 1 / 0
except ZeroDivisionError as e: tb = e.__traceback__; fr = sys._getframe()
---
assert 'traceback' in repr(tb)

# a log handler inside a logger's user
import logging
class A: pass
a = A(); a.log = logging.getLogger('a'); a.n = 1
---
assert a.n == 1 and a.log is logging.getLogger('a')

# a hash object lost: h
import hashlib
h = hashlib.sha256(b'x')
---
assert hashlib

# a deleted file lost: f
import tempfile, os
f = open(tempfile.mkstemp()[1]); os.unlink(f.name); x = 1
---
assert x == 1

# a closed file lost: f
f = open('/dev/null'); f.close()
---
assert 'closed' in repr(f)

# a device lost: f
f = open('/dev/zero', 'rb')
---
assert 'regular' in repr(f)

# an event loop and a task lost: loop
import asyncio
loop = asyncio.new_event_loop(); loop.close()
---
assert asyncio

# a ctypes pointer lost: p
import ctypes
p = ctypes.pointer(ctypes.c_int(3)); n = ctypes.c_int(4)
---
assert n.value == 4

# a match and a scanner lost: m
import re
m = re.match('a', 'a')
---
assert re

# the same lost thing twice lost: a[0] | b
a = [(i for i in [])]; b = a[0]
---
assert a[0] is b

# a lost thing deep inside an object lost: o.x['k'][0].y
class O: pass
o = O(); o.x = {'k': [O()]}; o.x['k'][0].y = (i for i in [])
---
assert type(o.x['k'][0]) is O

# a lost thing in a closure lost: f.<g>
def mk():
    g = (i for i in [])
    def f(): return next(g)
    return f
f = mk()
---
from runtiles_server.state import LostObjectError
try: f(); raise SystemError
except LostObjectError: pass
""")
