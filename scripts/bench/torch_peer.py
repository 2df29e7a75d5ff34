"""The works of `npm run bench -- graph` in PyTorch: reads one work a line, runs it once, prints its milliseconds.

conv fwd|dx|dw BATCH CHANNELS SIDE: 3x3 convolution, padding 1, or one of its gradients
adam|adan COUNT: one step on COUNT parameters (torch.optim.Adam with foreach; Adan of its paper with torch._foreach_*)
"""

import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))
made = {}


def conv(kind, batch, channels, side):
    x = torch.randn(batch, channels, side, side)
    w = torch.randn(channels, channels, 3, 3) / (3 * channels**0.5)
    g = torch.randn(batch, channels, side, side)
    options = ([0], [1, 1], [1, 1], [1, 1], False, [0, 0], 1)

    def backward(mask):
        return torch.ops.aten.convolution_backward(g, x, w, *options, mask)

    return {
        "fwd": lambda: torch.nn.functional.conv2d(x, w, padding=1),
        "dx": lambda: backward([True, False, False]),
        "dw": lambda: backward([False, True, False]),
    }[kind]


def adam(count):
    parameter = torch.nn.Parameter(torch.randn(count))
    parameter.grad = torch.randn(count)
    return torch.optim.Adam([parameter], lr=1e-3, foreach=True).step


def adan(count):
    b1, b2, b3, lr, eps = 0.98, 0.92, 0.99, 1e-3, 1e-8
    p, g = [torch.randn(count)], [torch.randn(count)]
    m, v, s, n = ([torch.zeros(count)] for _ in range(4))
    taken = [0]

    def step():
        taken[0] += 1
        k = taken[0]
        norm = torch.sqrt(sum(t.pow(2).sum() for t in g))
        clip = float(torch.clamp(5 / (norm + eps), max=1))
        grads = torch._foreach_mul(g, clip)
        diff = torch._foreach_add(n, grads)
        ahead = torch._foreach_add(torch._foreach_mul(diff, b2), grads)
        torch._foreach_mul_(m, b1)
        torch._foreach_add_(m, grads, alpha=1 - b1)
        torch._foreach_mul_(v, b2)
        torch._foreach_add_(v, diff, alpha=1 - b2)
        torch._foreach_mul_(s, b3)
        torch._foreach_addcmul_(s, ahead, ahead, value=1 - b3)
        denominator = torch._foreach_sqrt(s)
        torch._foreach_div_(denominator, (1 - b3**k) ** 0.5)
        torch._foreach_add_(denominator, eps)
        torch._foreach_addcdiv_(p, m, denominator, value=-lr / (1 - b1**k))
        torch._foreach_addcdiv_(p, v, denominator, value=-lr * b2 / (1 - b2**k))
        torch._foreach_div_(p, 1 + lr * 2e-5)
        for i, t in enumerate(torch._foreach_neg(grads)):
            n[i] = t

    return step


for line in sys.stdin:
    name, *rest = line.split()
    if line not in made:
        if name == "conv":
            made[line] = conv(rest[0], *map(int, rest[1:]))
        else:
            made[line] = {"adam": adam, "adan": adan}[name](int(rest[0]))
    with torch.no_grad():
        start = time.perf_counter()
        made[line]()
        print(1000 * (time.perf_counter() - start), flush=True)
