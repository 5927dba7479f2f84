"""torch."""

from .case import table

CASES = table(
    """
# a tensor under two names, and writing
import torch
a = torch.arange(100_000, dtype=torch.float32); b = a; v = a[10:20]; m = a.reshape(100, 1000).T
---
assert a is b; v[0] = -1; assert a[10] == -1 and m[10, 0] == -1 and not m.is_contiguous()

# kinds of elements, empty, 0-d
import torch
l = [torch.ones(3, dtype=k) for k in (torch.float16, torch.bfloat16, torch.int8, torch.bool, torch.complex64)]; e = torch.empty(0, 3); z = torch.tensor(5)
---
assert [str(t.dtype) for t in l] == ['torch.float16', 'torch.bfloat16', 'torch.int8', 'torch.bool', 'torch.complex64']
assert l[1].sum() == 3 and e.shape == (0, 3) and z.item() == 5

# a module with tied weights and gradients
import torch
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__(); self.a = torch.nn.Linear(64, 64); self.b = torch.nn.Linear(64, 64); self.b.weight = self.a.weight
    def forward(self, x): return self.b(torch.relu(self.a(x)))
net = Net(); x = torch.ones(2, 64); net(x).sum().backward(); opt = torch.optim.Adam(net.parameters()); opt.step(); out = net(x).detach()
---
assert net.a.weight is net.b.weight and isinstance(net.a.weight, torch.nn.Parameter) and net.a.weight.grad is not None
assert torch.equal(net(x), out) and opt.param_groups[0]['params'][0] is net.a.weight
opt.zero_grad(); net(x).sum().backward(); opt.step(); assert not torch.equal(net(x), out)

# requires_grad, a result of a computation, conj
import torch
w = torch.ones(3, requires_grad=True); y = w * 2; c = torch.tensor([1 + 2j]).conj()
---
assert w.requires_grad and w.is_leaf and y.tolist() == [2, 2, 2] and c[0].item() == 1 - 2j

# sparse, device, dtype, generators
import torch
s = torch.eye(3).to_sparse(); d = torch.device('cpu'); k = torch.float64; g = torch.Generator(); g.manual_seed(3); torch.manual_seed(7); torch.rand(1)
---
assert s.to_dense().sum() == 3 and d.type == 'cpu' and k is torch.float64
r = torch.rand(3); torch.manual_seed(7); torch.rand(1); assert torch.equal(r, torch.rand(3))

# numpy shares memory with a tensor
import torch, numpy as np
t = torch.zeros(5); n = np.ones(4)
---
assert t.sum() == 0 and n.sum() == 4
""",
    needs=("torch",),
)
