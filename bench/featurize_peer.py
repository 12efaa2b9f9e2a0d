#!/usr/bin/python3
"""The Python side of the work featurize: Pillow decodes, NumPy normalises and PyTorch runs CLIP ViT-B/16's two towers, as a script for such a store does. Needs python3-torch and python3-pil.

usage   featurize_peer.py featurize --photos DIR [--batch N] [--threads 2] [--runs 15]     (DIR holds images/*.jpg; N of them, 64; other arguments are taken and not used)
prints  one JSON line: work, milliseconds for all photos and texts (median, minimum), peak_mb, and what was timed.
Weights are drawn at random. Texts are 77 random ids each, as CLIP's own tokenizer pads them; tokenising is not timed.
"""
import argparse, glob, json, os, resource, statistics, time
import numpy as np, torch
from pillow_peer import picture
from PIL import __version__ as pillow

BATCH, TOKENS, VOCABULARY = 16, 77, 49408

class Block(torch.nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        linear, norm = torch.nn.Linear, torch.nn.LayerNorm
        self.heads, self.norm1, self.norm2 = heads, norm(width), norm(width)
        self.qkv, self.out, self.up, self.down = linear(width, 3 * width), linear(width, width), linear(width, 4 * width), linear(4 * width, width)
    def forward(self, x, mask):
        b, t, w = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) * (w // self.heads) ** -.5
        mixed = (scores if mask is None else scores + mask).softmax(-1) @ v
        x = x + self.out(mixed.transpose(1, 2).reshape(b, t, w))
        h = self.up(self.norm2(x))
        return x + self.down(h * torch.sigmoid(1.702 * h))

class Tower(torch.nn.Module):
    def __init__(self, width, heads, tokens):
        super().__init__()
        self.positions = torch.nn.Parameter(torch.randn(tokens, width) * .01)
        self.blocks = torch.nn.ModuleList([Block(width, heads) for _ in range(12)])
        self.norm, self.projection = torch.nn.LayerNorm(width), torch.nn.Linear(width, 512, bias=False)
    def run(self, x, mask=None):
        x = x + self.positions
        for block in self.blocks: x = block(x, mask)
        return x

class Pictures(Tower):
    def __init__(self):
        super().__init__(768, 12, 197)
        self.patches, self.token = torch.nn.Conv2d(3, 768, 16, 16, bias=False), torch.nn.Parameter(torch.randn(768) * .01)
    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        return self.projection(self.norm(self.run(torch.cat([self.token.expand(len(x), 1, 768), x], 1))[:, 0]))

class Texts(Tower):
    def __init__(self):
        super().__init__(512, 8, TOKENS)
        self.table, self.mask = torch.nn.Embedding(VOCABULARY, 512), torch.full((TOKENS, TOKENS), float("-inf")).triu(1)
    def forward(self, ids):
        return self.projection(self.norm(self.run(self.table(ids), self.mask)[torch.arange(len(ids)), ids.argmax(1)]))

parser = argparse.ArgumentParser()
parser.add_argument("work"); parser.add_argument("--photos"); parser.add_argument("--batch", type=int, default=0)
parser.add_argument("--threads", type=int, default=2); parser.add_argument("--runs", type=int, default=15)
arguments, _ = parser.parse_known_args()
torch.set_num_threads(arguments.threads); torch.manual_seed(0)
files = sorted(glob.glob(os.path.join(arguments.photos, "images", "*.jpg")))[: arguments.batch or 64]
ids = torch.randint(VOCABULARY, (len(files), TOKENS))
pictures, texts = Pictures(), Texts()

def featurize():
    vectors = []
    with torch.no_grad():
        for first in range(0, len(files), BATCH):
            batch = [picture(open(file, "rb").read()) for file in files[first : first + BATCH]]
            vectors.append((pictures(torch.from_numpy(np.stack(batch))), texts(ids[first : first + BATCH])))
    return vectors

ms = []
for run in range(2 + arguments.runs):
    start = time.perf_counter()
    featurize()
    ms.append((time.perf_counter() - start) * 1e3)
ms = ms[2:]
print(json.dumps({"work": "featurize", "ms_median": round(statistics.median(ms), 3), "ms_min": round(min(ms), 3), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                  "threads": arguments.threads, "torch": torch.__version__, "pillow": pillow, "what": f"{len(files)} photos and texts, CLIP ViT-B/16"}))
