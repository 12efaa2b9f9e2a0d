"""Runs a PyTorch peer on a card: its tensors are made there, and its clock waits for the card.
usage: gpu_peer.py SCRIPT WORK …    HALF=1: 16 bits; TF32=1: products in TF32; DEVICE=cpu: as it is"""
import os
import sys
import time

import torch

device = os.environ.get("DEVICE", "cuda")
if device != "cpu":
    torch.set_default_device(device)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = os.environ.get("TF32") == "1"
    from_numpy, clock = torch.from_numpy, time.perf_counter

    class Generator(torch.Generator):  # a class, as newer versions of PyTorch write Generator | None
        def __new__(cls, where=device):
            return super().__new__(cls, where)

    def waiting():
        torch.cuda.synchronize()
        return clock()

    torch.Generator, torch.from_numpy, time.perf_counter = Generator, lambda array: from_numpy(array).to(device), waiting
if os.environ.get("HALF") == "1":
    torch.set_default_dtype(torch.float16)
script, sys.argv = sys.argv[1], sys.argv[1:]
exec(compile(open(script).read(), script, "exec"), {"__name__": "__main__"})
