"""Small networks of many architectures for `npm run -s gradcheck -- FOLDER`, with PyTorch's own gradients.

    python3 scripts/gradcheck/torch_networks.py FOLDER [--opsets 11,13,17] [--seed 0]

Writes FOLDER/NAME-OPSET-MODE/{model.onnx,fixture.npz}. MODE is how PyTorch exports: 'plain' keeps every parameter by its name, 'open' leaves
batch and picture sizes open, 'folded' merges normalisation into convolutions (then only gradients of inputs are recorded). What an opset
of PyTorch's exporter cannot say is told and left out.
"""

import argparse
import math
import pathlib
import shutil
import warnings
import zlib

import numpy
import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")
randn = torch.randn
NETWORKS = {}


def network(*inputs):
    """Registers a class as a network that is fed with what `inputs` make."""

    def register(cls):
        NETWORKS[cls.__name__] = (cls, inputs)
        return cls

    return register


def pictures(channels, side, batch=2):
    return lambda: randn(batch, channels, side, side)


def unit(inner, outer, kernel=3, stride=1, groups=1, act=nn.ReLU, dilation=1):
    pad = kernel // 2 * dilation
    conv = nn.Conv2d(inner, outer, kernel, stride, pad, dilation, groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outer), act())


def classifier(channels):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 5))


@network(pictures(3, 48))
class ResNeXt(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(unit(3, 8, 7, 2), nn.MaxPool2d(3, 2, 1))
        self.deep = nn.Sequential(unit(8, 16, 1), unit(16, 16, 3, 2, 4), nn.Conv2d(16, 16, 1))
        self.short = nn.Conv2d(8, 16, 1, 2, bias=False)
        self.head = classifier(16)

    def forward(self, x):
        x = self.stem(x)
        return self.head(F.relu(self.deep(x) + self.short(x)))


@network(pictures(3, 32))
class MobileNetV3(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = unit(3, 8, 3, 2, act=nn.Hardswish)
        self.deep = nn.Sequential(unit(8, 24, 1, act=nn.Hardswish), unit(24, 24, 5, 2, 24, nn.ReLU6))
        squeeze = (nn.AdaptiveAvgPool2d(1), nn.Conv2d(24, 6, 1), nn.ReLU(), nn.Conv2d(6, 24, 1), nn.Hardsigmoid())
        self.gate = nn.Sequential(*squeeze)
        self.head = nn.Linear(24, 5)

    def forward(self, x):
        x = self.deep(self.stem(x))
        return self.head((x * self.gate(x)).mean([2, 3]))


@network(pictures(3, 20))
class DenseNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(3 + 4 * k), nn.SiLU(), nn.Conv2d(3 + 4 * k, 4, 3, padding=1)) for k in range(3)
        )

    def forward(self, x):
        for layer in self.layers:
            x = torch.cat([x, layer(x)], 1)
        worst = F.max_pool2d(x, 3, 2, ceil_mode=True)
        return torch.cat([worst, F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)], 1)


@network(pictures(8, 20))
class ShuffleNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch = nn.Sequential(unit(4, 4, 1), unit(4, 4, 3, groups=4))

    def forward(self, x):
        left, right = x.chunk(2, 1)
        y = torch.cat([left, self.branch(right)], 1)
        n, c, h, w = y.shape
        return y.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, -1, h, w)


@network(pictures(3, 32))
class ConvNeXt(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, 4)
        self.across = nn.Conv2d(8, 8, 7, padding=3, groups=8)
        self.norm = nn.LayerNorm(8, eps=1e-6)
        self.inner = nn.Sequential(nn.Linear(8, 32), nn.GELU(), nn.Linear(32, 8))
        self.scale = nn.Parameter(torch.rand(8))

    def forward(self, x):
        x = self.stem(x)
        y = self.inner(self.norm(self.across(x).permute(0, 2, 3, 1))) * self.scale
        return x + y.permute(0, 3, 1, 2)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.joint, self.out, self.heads = nn.Linear(width, 3 * width), nn.Linear(width, width), heads

    def forward(self, x, mask=None):
        n, length, width = x.shape
        q, k, v = self.joint(x).reshape(n, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(-2, -1) / math.sqrt(width // self.heads)
        if mask is not None:
            scores = scores.masked_fill(mask, float("-inf"))
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, length, width))


@network(pictures(3, 16))
class VisionTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches, self.token, self.places = nn.Conv2d(3, 16, 4, 4), nn.Parameter(randn(1, 1, 16)), nn.Parameter(randn(1, 17, 16))
        self.attention, self.norm, self.head = Attention(16, 4), nn.LayerNorm(16), nn.Linear(16, 5)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.places
        return self.head((x + self.attention(self.norm(x)))[:, 0])


@network(lambda: randn(2, 9, 16))
class CausalLanguageModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.norm = Attention(16, 2), nn.LayerNorm(16)
        self.register_buffer("future", torch.triu(torch.ones(9, 9), 1) > 0)

    def forward(self, x):
        return F.log_softmax(x + self.attention(self.norm(x), self.future), -1)


@network(lambda: randn(2, 5, 32))
class RotaryAttention(nn.Module):
    """As in LLaMA: root-mean-square norm, rotary places, shared keys and values, a gated inner layer."""

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.rand(32))
        self.q, self.kv = nn.Linear(32, 32, bias=False), nn.Linear(32, 32, bias=False)
        self.gate, self.up, self.down = nn.Linear(32, 40), nn.Linear(32, 40), nn.Linear(40, 32)
        angles = torch.outer(torch.arange(5.0), 10000 ** (-torch.arange(0, 8, 2) / 8)).repeat(1, 2)
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())

    def turned(self, x):
        a, b = x[..., :4], x[..., 4:]
        return x * self.cos + torch.cat((-b, a), -1) * self.sin

    def forward(self, x):
        n, length, _ = x.shape
        h = self.gain * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))
        q = self.turned(self.q(h).view(n, length, 4, 8).transpose(1, 2))
        k, v = self.kv(h).view(n, length, 2, 2, 8).permute(2, 0, 3, 1, 4)
        k, v = (t[:, :, None].expand(n, 2, 2, length, 8).reshape(n, 4, length, 8) for t in (self.turned(k), v))
        y = (q @ k.transpose(2, 3) / math.sqrt(8)).softmax(-1) @ v
        x = x + y.transpose(1, 2).reshape(n, length, 32)
        return x + self.down(F.silu(self.gate(x)) * self.up(x))


@network(lambda: randn(2, 8, 8, 8))
class ShiftedWindows(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.bias = Attention(8, 2), nn.Parameter(randn(9, 8))
        self.merge = nn.Linear(32, 16, bias=False)

    def forward(self, x):
        n, h, w, c = x.shape
        y = torch.roll(x, (-2, -2), (1, 2)).view(n, h // 4, 4, w // 4, 4, c).permute(0, 1, 3, 2, 4, 5)
        y = self.attention(y.reshape(-1, 16, c)) + self.bias[torch.arange(16) % 9]
        y = y.view(n, h // 4, w // 4, 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)
        x = x + torch.roll(y, (2, 2), (1, 2))
        quarters = [x[:, i::2, j::2] for j in (0, 1) for i in (0, 1)]
        return self.merge(torch.cat(quarters, -1))


@network(pictures(3, 22, 1))
class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.deep, self.back = unit(3, 6), unit(6, 8), unit(14, 6)
        self.up = nn.ConvTranspose2d(8, 8, 3, 2, 1, 1, groups=4)

    def forward(self, x):
        a = self.down(x)
        b = self.up(self.deep(F.max_pool2d(a, 2)))
        y = self.back(torch.cat([a, b], 1))
        return F.interpolate(y, scale_factor=1.5, mode="bicubic"), F.interpolate(y, size=(9, 13), mode="bilinear")


@network(pictures(3, 24, 1))
class StyleTransfer(nn.Sequential):
    def __init__(self):
        down = (nn.ReflectionPad2d(4), nn.Conv2d(3, 6, 9), nn.InstanceNorm2d(6, affine=True), nn.ReLU())
        up = (nn.Upsample(scale_factor=2), nn.ReplicationPad2d(1), nn.Conv2d(6, 3, 3), nn.Tanh())
        super().__init__(*down, nn.Conv2d(6, 6, 3, 2, 1), nn.PReLU(6), nn.GroupNorm(2, 6), nn.Mish(), *up)


@network(pictures(1, 12))
class SubPixel(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(1, 9, 5, padding=2), nn.LeakyReLU(0.2), nn.PixelShuffle(3), nn.LocalResponseNorm(3))


@network(lambda: randn(2, 1, 8, 10, 10))
class Volume(nn.Sequential):
    def __init__(self):
        first = (nn.Conv3d(1, 4, 3, padding=1), nn.BatchNorm3d(4), nn.ELU(), nn.MaxPool3d(2))
        super().__init__(*first, nn.Conv3d(4, 6, (3, 1, 3), groups=2), nn.ConvTranspose3d(6, 2, 2, 2), nn.AvgPool3d(2))


@network(lambda: randn(2, 5, 6))
class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 8, 2, bidirectional=True, batch_first=True)
        self.gru = nn.GRU(16, 4, batch_first=True)

    def forward(self, x):
        return self.gru(self.lstm(x)[0])[0]


@network(pictures(2, 8))
class SpatialTransformer(nn.Module):
    """The picture decides where it is sampled."""

    def __init__(self):
        super().__init__()
        self.where = nn.Linear(128, 2)
        axis = torch.linspace(-0.9, 0.9, 9)
        self.register_buffer("grid", torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1)[None])

    def forward(self, x):
        grid = self.grid + 0.3 * self.where(x.flatten(1)).view(-1, 1, 1, 2)
        return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


@network(pictures(4, 5), lambda: randn(2, 5))
class ModulatedConvolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.style, self.weight = nn.Linear(5, 4), nn.Parameter(randn(6, 4, 3, 3))

    def forward(self, x, w):
        n, c, height, width = x.shape
        kernel = self.weight[None] * self.style(w)[:, None, :, None, None]
        kernel = kernel * torch.rsqrt(kernel.pow(2).sum([2, 3, 4], keepdim=True) + 1e-8)
        y = F.conv2d(x.reshape(1, n * c, height, width), kernel.reshape(n * 6, c, 3, 3), padding=1, groups=n)
        y = y.view(n, 6, height, width)
        return torch.cat([y, y.std(1, keepdim=True)], 1)


@network(pictures(3, 24))
class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = unit(3, 6, 5, 4, act=nn.SiLU), nn.Conv2d(18, 14, 1)
        self.anchors = nn.Parameter(torch.rand(2, 2))

    def forward(self, x):
        x = self.body(x)
        x = torch.cat([x] + [F.max_pool2d(x, k, 1, k // 2) for k in (3, 5)], 1)
        n, _, h, w = x.shape
        y = self.head(x).view(n, 2, 7, h, w).permute(0, 1, 3, 4, 2).sigmoid()
        place, size, rest = y.split((2, 2, 3), -1)
        return torch.cat((place * 2 - 0.5, (size * 2) ** 2 * self.anchors.view(1, 2, 1, 1, 2), rest), -1).flatten(1, 3)


@network(lambda: randn(2, 1, 30))
class WaveNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(1, 6, 1)
        self.layers = nn.ModuleList(nn.utils.weight_norm(nn.Conv1d(6, 12, 2, dilation=2**k)) for k in range(3))

    def forward(self, x):
        x = self.first(x)
        for k, layer in enumerate(self.layers):
            x = x + F.glu(layer(F.pad(x, (2**k, 0))), 1)
        return x


def initializers(model):
    """The names of a model file's initializers: ModelProto.graph (7), GraphProto.initializer (5), TensorProto.name (8)."""

    def number(data, at):
        value = shift = 0
        while True:
            byte = data[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value, at

    def fields(data, wanted):
        at = 0
        while at < len(data):
            key, at = number(data, at)
            size, at = number(data, at) if key & 7 in (0, 2) else ({1: 8, 5: 4}[key & 7], at)
            if key & 7 == 0:
                continue
            if key == wanted << 3 | 2:
                yield data[at : at + size]
            at += size

    return {name.decode() for g in fields(model, 7) for tensor in fields(g, 5) for name in fields(tensor, 8)}


def write(name, opset, mode, seed, folder):
    torch.manual_seed(zlib.crc32(name.encode()) % 1000 + seed)
    cls, makers = NETWORKS[name]
    model, inputs = cls().eval(), [make().requires_grad_() for make in makers]
    for part in model.modules():
        if isinstance(part, (nn.BatchNorm2d, nn.BatchNorm3d)):
            part.running_mean.normal_(0, 0.3)
            part.running_var.uniform_(0.5, 1.5)
    outputs = model(*inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    seeds = [torch.randn_like(y) for y in outputs]
    torch.autograd.backward(outputs, seeds)

    names, results = [f"x{i}" for i in range(len(inputs))], [f"y{i}" for i in range(len(outputs))]
    open_axes = {n: {i: f"{n}_{i}" for i in (0, 2, 3) if x.dim() == 4 or i == 0} for n, x in zip(names, inputs)}
    torch.onnx.export(
        model,
        tuple(x.detach() for x in inputs),
        str(folder / "model.onnx"),
        opset_version=opset,
        training=torch.onnx.TrainingMode.EVAL if mode == "folded" else torch.onnx.TrainingMode.PRESERVE,
        do_constant_folding=mode == "folded",
        input_names=names,
        output_names=results,
        dynamic_axes=open_axes if mode == "open" else None,
    )
    arrays = {}
    for n, x in zip(names, inputs):
        arrays |= {f"in.{n}": x, f"grad.in.{n}": x.grad}
    for n, y, s in zip(results, outputs, seeds):
        arrays |= {f"out.{n}": y, f"seed.{n}": s}
    kept = set() if mode == "folded" else initializers((folder / "model.onnx").read_bytes())
    arrays |= {f"grad.param.{n}": p.grad for n, p in model.named_parameters() if n in kept and p.grad is not None}
    numpy.savez(folder / "fixture.npz", **{key: value.detach().numpy() for key, value in arrays.items()})


def main():
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=pathlib.Path)
    options.add_argument("--opsets", default="11,13,17")
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    for name in NETWORKS:
        for opset in map(int, given.opsets.split(",")):
            for mode in ("plain", "open", "folded"):
                folder = given.folder / f"{name}-{opset}-{mode}"
                folder.mkdir(parents=True, exist_ok=True)
                try:
                    write(name, opset, mode, given.seed, folder)
                except (torch.onnx.errors.OnnxExporterError, TypeError) as error:
                    shutil.rmtree(folder)
                    print(f"{folder.name}: not exported: {str(error).splitlines()[0][:120]}")


if __name__ == "__main__":
    main()
