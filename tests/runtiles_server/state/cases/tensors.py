"""torch."""

from .case import table

CASES = table(
    """
# a tensor under two names, and writing
import torch, sys
compiler = 'torch._inductor' in sys.modules; a = torch.arange(100_000, dtype=torch.float32); b = a; v = a[10:20]; m = a.reshape(100, 1000).T
---
assert compiler or 'torch._inductor' not in sys.modules
assert a is b; v[0] = -1; assert a[10] == -1 and m[10, 0] == -1 and not m.is_contiguous()

# kinds of elements, empty, 0-d
import torch
l = [torch.ones(3, dtype=k) for k in (torch.float16, torch.bfloat16, torch.int8, torch.bool, torch.complex64)]; e = torch.empty(0, 3); z = torch.tensor(5)
---
assert [str(t.dtype) for t in l] == ['torch.float16', 'torch.bfloat16', 'torch.int8', 'torch.bool', 'torch.complex64']
assert l[1].sum() == 3 and e.shape == (0, 3) and z.item() == 5

# requires_grad, a result of a computation, conj
import torch
w = torch.ones(3, requires_grad=True); y = w * 2; c = torch.tensor([1 + 2j]).conj()
---
assert w.requires_grad and w.is_leaf and y.tolist() == [2, 2, 2] and c[0].item() == 1 - 2j

# sparse, device, dtype, limits
import torch
s = torch.eye(3).to_sparse(); v = s._values(); c = torch.eye(3).to_sparse_csr(); g = torch.eye(2).to_sparse().requires_grad_(); torch.sparse.sum(g * 2).backward()
d = torch.device('cpu'); k = torch.float64; l = [torch.finfo(torch.float16), torch.iinfo(torch.int8), torch.strided, torch.channels_last, torch.Size([1, 2])]
---
assert s.is_coalesced() and s.to_dense().sum() == 3 and c.layout is torch.sparse_csr and c.to_dense().sum() == 3
v[0] = 9; assert s.to_dense()[0, 0] == 9 and g.requires_grad and g.grad.to_dense()[0, 0] == 2
assert d.type == 'cpu' and k is torch.float64 and l[0].bits == 16 and l[1].max == 127 and l[3] is torch.channels_last and type(l[4]) is torch.Size

# quantized, nested, no memory at all
import torch
q = torch.quantize_per_tensor(torch.tensor([1., 2.]), 0.1, 10, torch.quint8); n = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
m = torch.empty(1000, 1000, device='meta'); v = m[1:]; net = torch.nn.Linear(3, 3, device='meta')
---
assert q.int_repr().tolist() == [20, 30] and [len(t) for t in n.unbind()] == [2, 3]
assert m.is_meta and v.shape == (999, 1000) and v.storage_offset() == 1000 and type(net.weight) is torch.nn.Parameter and net.weight.is_meta

# generators and random numbers
import torch
g = torch.Generator(); g.manual_seed(3); torch.rand(2, generator=g); same = [g]; d = torch.default_generator
n = torch.rand(3, generator=torch.Generator().set_state(g.get_state())); torch.manual_seed(7); torch.rand(1)
---
assert torch.equal(torch.rand(3, generator=g), n) and same[0] is g and d is torch.default_generator
r = torch.rand(3); torch.manual_seed(7); torch.rand(1); assert torch.equal(r, torch.rand(3))

# overlapping strides, and a view of data, gradient and detached
import torch
b = torch.arange(12.); e = torch.ones(1).expand(1000); s = b.as_strided((3, 3), (1, 1))
p = torch.nn.Parameter(torch.ones(4)); d = p.data[1:]; p.grad = torch.ones(4); g = p.grad[2:]; x = p.detach()
---
b[3] = 50; assert s[1, 2] == 50 and s[2, 1] == 50 and e.stride() == (0,) and e.untyped_storage().nbytes() == 4
d[0] = 5; assert p[1] == 5 and x[1] == 5 and not x.requires_grad; g[0] = 7; assert p.grad[2] == 7

# a retained gradient, hooks, and a new hook beside them
import torch
seen = []
w = torch.ones(3, requires_grad=True); y = w * 2; y.retain_grad(); y.sum().backward(); w.grad = None; w.register_hook(lambda g: g * 0)
h = w.register_post_accumulate_grad_hook(lambda t: seen.append(t)); net = torch.nn.Linear(2, 2); net.register_forward_hook(lambda m, i, o: seen.append(m))
---
assert y.grad.tolist() == [1, 1, 1]; w.sum().backward(); assert w.grad.tolist() == [0, 0, 0] and seen == [w]
h.remove(); w.sum().backward(); net.register_forward_hook(lambda *_: seen.append(2)); net(torch.ones(1, 2)); assert seen[1:] == [net, 2]

# classes derived from a tensor and a parameter
import torch
calls = []
class T(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        calls.append(1); return super().__torch_function__(func, types, args, kwargs or {})
class P(torch.nn.Parameter): pass
a = torch.arange(5.).as_subclass(T); b = a[1:]; c = a.as_subclass(torch.Tensor); a.tag = [a]
p = P(torch.ones(2)); p.sum().backward(); calls.clear()
---
assert calls == [] and type(a) is T and type(b) is T and a.tag[0] is a; c[1] = 9; assert b[0] == 9 and a[1] == 9
assert type(p) is P and p.requires_grad and p.grad.tolist() == [1, 1] and len(calls) > 0

# storages, also typed; a restored tensor can grow
import torch
t = torch.arange(4.); s = t.untyped_storage(); q = t.storage(); l = [s]; out = torch.empty(0)
---
assert l[0] is s; s[3] = 64; assert t[0] == q[0] == 2; t.resize_(10); torch.add(t, t, out=out); assert out.shape == (10,)

# numpy shares memory with a tensor
import torch, numpy as np
t = torch.zeros(5); n = t.numpy(); part = t.reshape(5, 1).T[:, 1:].numpy(); back = torch.from_numpy(n)
u = torch.from_numpy(np.zeros(100_000)[5:]); a = np.ones(50_000); v = torch.from_numpy(a); few = torch.from_numpy(a[:5]); f = np.ones((3, 4), order='F'); w = torch.from_numpy(f)
---
n[1] = 7; assert t[1] == 7 and part[0, 0] == 7 and back[1] == 7; t[2] = 8; assert n[2] == 8 and u.sum() == 0
a[3] = 9; assert v[3] == 9 and few[3] == 9; w[1, 2] = 5; assert f[1, 2] == 5 and w.stride() == (1, 3)

# options of torch
import torch
torch.set_default_dtype(torch.float64); torch.set_grad_enabled(False); torch.set_printoptions(precision=2); torch.set_float32_matmul_precision('high')
torch.use_deterministic_algorithms(True, warn_only=True); torch.backends.cudnn.benchmark = True
---
assert torch.get_default_dtype() is torch.float64 and not torch.is_grad_enabled() and repr(torch.tensor(3.14159)) == 'tensor(3.14)'
assert torch.are_deterministic_algorithms_enabled() and torch.is_deterministic_algorithms_warn_only_enabled() and torch.get_float32_matmul_precision() == 'high' and torch.backends.cudnn.benchmark

# a default device
import torch
t = torch.ones(3); n = t.numpy(); torch.set_default_device('meta'); u = torch.ones(3)
---
assert torch.get_default_device().type == 'meta' and u.is_meta and torch.ones(3).is_meta
torch.set_default_device(None); n[0] = 5; assert t.tolist() == [5, 1, 1]
""",
    needs=("torch",),
)
