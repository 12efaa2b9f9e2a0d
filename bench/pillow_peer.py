#!/usr/bin/python3
"""The Python side of the work picture: Pillow decodes and resizes, NumPy normalises, as CLIP's own preprocessing does. Needs python3-pil and python3-numpy.

usage   pillow_peer.py picture --picture FILE.jpg [--runs 15]     (ours writes the file; other arguments are taken and not used)
prints  one JSON line: work, milliseconds for ten pictures (median, minimum), peak_mb, and what was timed.
"""
import argparse, io, json, resource, statistics, time
import numpy as np
from PIL import Image, __version__

PICTURES, SIDE = 10, 224
MEAN, STD = np.array((0.48145466, 0.4578275, 0.40821073), np.float32), np.array((0.26862954, 0.26130258, 0.27577711), np.float32)

def picture(file):
    image = Image.open(io.BytesIO(file))
    w, h = image.size
    w, h = (SIDE, SIDE * h // w) if w <= h else (SIDE * w // h, SIDE)
    image = image.resize((w, h), Image.BICUBIC)
    left, top = round((w - SIDE) / 2), round((h - SIDE) / 2)
    image = image.crop((left, top, left + SIDE, top + SIDE)).convert("RGB")
    return np.ascontiguousarray(((np.asarray(image, dtype=np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1))

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work"); parser.add_argument("--picture"); parser.add_argument("--runs", type=int, default=15)
    arguments, _ = parser.parse_known_args()
    file = open(arguments.picture, "rb").read()
    ms = []
    for run in range(2 + arguments.runs):
        start = time.perf_counter()
        for _ in range(PICTURES): picture(file)
        ms.append((time.perf_counter() - start) * 1e3)
    ms = ms[2:]
    print(json.dumps({"work": "picture", "ms_median": round(statistics.median(ms), 3), "ms_min": round(min(ms), 3), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                      "threads": 1, "pillow": __version__, "what": f"{PICTURES} times one JPEG, decoded, resized and normalised"}))

if __name__ == "__main__": main()
