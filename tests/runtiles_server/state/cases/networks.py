"""torch: modules, what trains them, and what is compiled of them."""

from .case import table

CASES = table(
    """
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

# embeddings tied to the output, buffers, parts in lists
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.emb = nn.Embedding(10, 4); self.out = nn.Linear(4, 10, bias=False); self.out.weight = self.emb.weight; self.norm = nn.BatchNorm1d(10)
        self.register_buffer('mask', torch.ones(2)); self.register_buffer('tmp', torch.ones(2), persistent=False); self.parts = nn.ModuleList([nn.Linear(2, 2), nn.Dropout()])
    def forward(self, x): return self.norm(self.out(self.emb(x)))
net = Net(); x = torch.tensor([1, 2]); net(x); net.eval(); y = net(x).detach(); mask = net.mask; seq = nn.Sequential(net, nn.ReLU()); sd = net.state_dict()
---
assert net.out.weight is net.emb.weight and net.mask is mask and seq[0] is net and not net.training and torch.equal(net(x), y)
assert 'tmp' not in net.state_dict() and net.tmp.sum() == 2 and len(list(net.parameters())) == 5 and sd._metadata is not None
with torch.no_grad(): sd['emb.weight'][0, 0] = 3
assert net.out.weight[0, 0] == 3

# an optimizer and its schedulers go on
import torch, warnings
p = torch.nn.Parameter(torch.ones(3)); opt = torch.optim.SGD([p], lr=0.1, momentum=0.9); a = torch.optim.lr_scheduler.StepLR(opt, 1, 0.5); b = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: 0.5 ** e)
def step(): opt.zero_grad(); (p * 2).sum().backward(); opt.step(); a.step(); b.step(); return opt.param_groups[0]['lr']
step(); lr = opt.param_groups[0]['lr']; buf = opt.state[p]['momentum_buffer']
---
assert opt.param_groups[0]['params'][0] is p and opt.state[p]['momentum_buffer'] is buf and a.optimizer is opt and opt.param_groups[0]['lr'] == lr
warnings.simplefilter('error'); assert step() < lr and p.grad.tolist() == [2, 2, 2]

# a loader with a generator, and one that is under way lost: it
import torch
from torch.utils.data import DataLoader, TensorDataset, random_split
g = torch.Generator().manual_seed(5); d = TensorDataset(torch.arange(10)); a, b = random_split(d, [6, 4], generator=g); loader = DataLoader(a, 2, shuffle=True, generator=g)
list(loader); at = g.get_state(); batches = [each[0].tolist() for each in loader]; g.set_state(at); it = iter(DataLoader(d))
---
assert loader.generator is g and loader.dataset is a and a.dataset is d is b.dataset and [each[0].tolist() for each in loader] == batches

# functions and operators of torch
import torch, functools
import torch.nn.functional as F
l = [torch.relu, F.relu, F.gelu, torch.Tensor.add, torch.ops.aten.add, torch.ops.aten.add.Tensor, functools.partial(F.softmax, dim=0)]
enc = torch.nn.TransformerEncoderLayer(4, 2, 8, activation=F.gelu, batch_first=True).eval(); x = torch.ones(1, 2, 4); y = enc(x).detach()
---
assert l[:6] == [torch.relu, F.relu, F.gelu, torch.Tensor.add, torch.ops.aten.add, torch.ops.aten.add.Tensor] and l[6](torch.ones(2)).sum() == 1
assert torch.equal(enc(x), y) and enc.activation is F.gelu

# own gradients, contexts and transforms
import torch
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x * 2
    @staticmethod
    def backward(ctx, g): return g * 2
w = torch.ones(2, requires_grad=True); apply = Double.apply; off = torch.no_grad(); gf = torch.func.grad(lambda x: (x ** 2).sum()); vm = torch.vmap(lambda x: x * 2)
@torch.no_grad()
def f(x): return x * 2
---
apply(w).sum().backward(); assert w.grad.tolist() == [2, 2] and gf(torch.ones(2)).tolist() == [2, 2] and vm(torch.ones(2)).sum() == 4 and not f(w).requires_grad
with off: assert not (w * 2).requires_grad

# parametrized modules
import torch
from torch.nn.utils import parametrizations as P
x = torch.ones(1, 2); a = P.weight_norm(torch.nn.Linear(2, 2)); b = P.spectral_norm(torch.nn.Linear(2, 2)).eval(); s = torch.nn.Sequential(a, b); y = s(x).detach(); opt = torch.optim.SGD(s.parameters(), 1.)
---
assert s[0] is a and torch.equal(s(x), y) and isinstance(a, torch.nn.Linear) and type(a).__name__ == 'ParametrizedLinear'
s(x).sum().backward(); opt.step(); assert not torch.equal(s(x), y)

# what is compiled
import torch
net = torch.nn.Linear(2, 2); c = torch.compile(net, backend='eager'); x = torch.ones(1, 2); y = c(x).detach()
@torch.compile(backend='eager')
def f(x): return x + 1
f(x); gm = torch.fx.symbolic_trace(torch.nn.Sequential(net, torch.nn.ReLU()))
---
assert torch.equal(c(x), y) and c._orig_mod is net and f(x).sum() == 4 and torch.equal(gm(x), y.relu())

# what is scripted, traced and exported
import torch
@torch.jit.script
def f(x: torch.Tensor): return x + 1
net = torch.nn.Linear(2, 2); s = torch.jit.script(net.eval()); t = torch.jit.trace(net, torch.ones(1, 2)); e = torch.export.export(net, (torch.ones(1, 2),)); x = torch.ones(1, 2); y = net(x).detach(); l = [s]
---
assert torch.equal(s(x), y) and torch.equal(t(x), y) and torch.equal(e.module()(x), y) and f(x).sum() == 4 and not s.training and l[0] is s

# recurrent, lazy, averaged and scaled
import torch
r = torch.nn.LSTM(2, 3); x = torch.ones(4, 1, 2); y = r(x)[0].detach(); l = torch.nn.LazyLinear(3); p = torch.nn.utils.rnn.pack_sequence([torch.ones(3), torch.ones(2)])
v = torch.optim.swa_utils.AveragedModel(torch.nn.Linear(2, 2)); d = torch.distributions.Normal(torch.tensor(0.), torch.tensor(1.))
---
assert torch.equal(r(x)[0], y) and l(torch.ones(1, 2)).shape == (1, 3) and p.batch_sizes.tolist() == [2, 2, 1] and v(torch.ones(1, 2)).shape == (1, 2) and d.sample().shape == ()

# how it was computed lost: fn
import torch
w = torch.ones(2, requires_grad=True); y = (w * 2).sum(); fn = y.grad_fn
---
assert y.item() == 4 and y.requires_grad and w.is_leaf
""",
    needs=("torch",),
)
