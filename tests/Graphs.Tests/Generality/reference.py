"""Writes losses.json and exported.onnx: what GeneralityTests compares with. Run with Debian's python3-torch and python3-onnx.

Weights and batches follow formulas that the C# side has too (Formula.cs), so only losses are stored.
"""
import json
import math
import os

import torch
from torch import nn
from torch.nn import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = 50
torch.set_num_threads(1)


def wave(shape, phase, scale):
    size = math.prod(shape)
    return torch.tensor([scale * math.sin(0.7 * i + 1.3 * phase) for i in range(size)], dtype=torch.float64).float().reshape(shape)


def cycle(shape, step, limit):
    size = math.prod(shape)
    return torch.tensor([(i * i + 3 * i + 7 * step) % limit for i in range(size)]).reshape(shape)


def fill(module):
    for k, p in enumerate(module.parameters()):
        p.data = wave(p.shape, k, 0.3) + (1.0 if p.dim() == 1 and getattr(p, "is_scale", False) else 0.0)
    return module


def train(model, batch, optimizer, schedule=None, clip=None):
    losses = []
    for step in range(STEPS):
        if schedule:
            for group in optimizer.param_groups:
                group["lr"] = schedule(step)
        x, y = batch(step)
        loss = F.cross_entropy(model(x).flatten(0, -2), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        losses.append(loss.item())
    return losses


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.qkv, self.out = nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.norm2, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.norm1.weight.is_scale = self.norm2.weight.is_scale = True

    def forward(self, x, causal):
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) / math.sqrt(d // self.heads)
        if causal:
            scores = scores + torch.full((t, t), -1e9).triu(1)
        x = x + self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, d))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.places = nn.Embedding(11, 8), nn.Embedding(5, 8)
        self.blocks = nn.ModuleList([Block(8, 2), Block(8, 2)])
        self.head = nn.Linear(8, 11)

    def forward(self, ids):
        x = self.tokens(ids) + self.places.weight
        for block in self.blocks:
            x = block(x, causal=True)
        return self.head(x)


class Convolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.head = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 6, 3, stride=2, padding=1), nn.Linear(6, 3)

    def forward(self, x):
        x = F.max_pool2d(torch.relu(self.first(x)), 2)
        return self.head(torch.tanh(self.second(x)).mean((2, 3)))


class Exported(nn.Module):
    """A patch embedding and one transformer block, as image encoders have them."""

    def __init__(self):
        super().__init__()
        self.patches, self.block, self.head = nn.Conv2d(3, 8, 2, stride=2), Block(8, 2), nn.Linear(8, 4)

    def forward(self, image):
        x = self.patches(image).flatten(2).transpose(1, 2)
        return self.head(self.block(x, causal=False).mean(1))


def warm_cosine(step, base=0.02, warm=5, total=STEPS):
    if step < warm:
        return base * (step + 1) / warm
    return base * 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm)))


def main():
    losses = {}
    mlp = fill(nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)))
    losses["mlp"] = train(mlp, lambda s: (wave((12, 8), s, 1), cycle((12,), s, 3)), torch.optim.Adam(mlp.parameters(), lr=0.01))

    conv = fill(Convolutional())
    losses["convolutional"] = train(conv, lambda s: (wave((6, 2, 8, 8), s, 1), cycle((6,), s, 3)),
                                    torch.optim.AdamW(conv.parameters(), lr=0.01, weight_decay=0.1))

    transformer = fill(Transformer())
    losses["transformer"] = train(transformer, lambda s: (cycle((4, 5), s, 11), cycle((4, 5), s + 1, 11)),
                                  torch.optim.Adam(transformer.parameters(), lr=0.02, weight_decay=0.01), warm_cosine, clip=0.5)

    exported = fill(Exported())
    torch.onnx.export(exported, torch.zeros(2, 3, 6, 6), os.path.join(HERE, "exported.onnx"), input_names=["image"], output_names=["logits"],
                      dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}}, opset_version=13)
    losses["exported"] = train(exported, lambda s: (wave((5, 3, 6, 6), s, 1), cycle((5,), s, 4)), torch.optim.Adam(exported.parameters(), lr=0.01))

    with open(os.path.join(HERE, "losses.json"), "w") as f:
        json.dump(losses, f, indent=0)
        f.write("\n")
    print({k: (v[0], v[-1]) for k, v in losses.items()})


main()
