#!/usr/bin/env bash
# Checks and measures lmmrec on a bare x86-64 machine with an H100 or H200, CUDA 13 and PyTorch, which need have neither .NET nor a network.
#   bench/gpu-check.sh pack KIT [PIECE_MIB]   here: publishes the command and the benchmarks into pieces KIT/1/part, KIT/2/part … of at most 56 MiB, and KIT/kit
#   bash gpu-check.sh run KIT [STEP…]         there: unpacks once and runs the steps look features steps clip towers; results in $OUT/results.txt as they come
# Where carrying one piece takes earlier ones away, carry it with 'gpu-check.sh keep KIT', which copies what is there to $AT. SHARED names the folder with data and
# peers, else ../shared. DEVICE=cpu RUNS=2 BATCHES=2 TOWERS=1 is a rehearsal without a card.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
verb=${1:?pack, keep or run} kit=${2:?the folder of the pieces}; shift 2
at=${AT:-${TMPDIR:-/tmp}/lmmrec-gpu-check}

pack() {
    local root shared piece
    work=$(mktemp -d) # not local: the trap outlives the function
    root=$(cd "$here/.." && pwd) piece=$(( ${1:-56} << 20 ))
    shared=${SHARED:-$root/../shared}
    trap 'rm -rf "$work"' EXIT
    rm -rf "$kit" && mkdir -p "$kit/kit" "$work/pack/data" "$work/pack/ssl"
    for project in src/Cli/Cli.csproj bench/Bench.csproj; do
        dotnet publish -c Release -v quiet -nologo "$root/$project" -r linux-x64 --self-contained -p:Accelerator=cuda -p:ArtifactsPath="$work/build" -o "$work/pack/bin"
    done
    rm -f "$work"/pack/bin/*.pdb "$work"/pack/bin/LmmRec.*.xml
    # The code of other architectures than 9.0 (H100, H200) is blanked: a third of the size, and 'no kernel image' on another card. ALL=1 keeps it.
    local cuda=$work/pack/bin/libonnxruntime_providers_cuda.so
    [ "${ALL:-}" = 1 ] || { python3 "$shared/device/shrink.py" "$cuda" "$cuda.small" 90 && mv "$cuda.small" "$cuda" && chmod +x "$cuda"; }
    cp "$shared/data/amazon_baby_lattice/baby_lattice.inter" "$shared/peers/torch_peer.py" "$shared/device/compare.py" "$here/gpu_peer.py" "$work/pack/data/"
    cp -L /usr/lib/x86_64-linux-gnu/lib{ssl,crypto}.so.3 "$work/pack/ssl/" 2> /dev/null || true # .NET hashes with them; used only where there are none
    tar c -C "$work/pack" . | xz -6 -T0 > "$work/pack.tar.xz"
    split -b "$piece" -d -a 1 --numeric-suffixes=1 "$work/pack.tar.xz" "$work/piece."
    for part in "$work"/piece.*; do mkdir -p "$kit/${part##*.}" && mv "$part" "$kit/${part##*.}/part"; done
    sha256sum < "$work/pack.tar.xz" | cut -d' ' -f1 > "$kit/kit/sha256"
    cp "$here/gpu-check.sh" "$kit/kit/"
    ls -l "$kit"/*/part
}

keep() {
    mkdir -p "$at/pieces"
    for part in "$kit"/[0-9]/part; do [ -e "$part" ] && cp "$part" "$at/pieces/$(basename "$(dirname "$part")")"; done
}

run() {
    local device=${DEVICE:-cuda} runs=${RUNS:-15} threads=${THREADS:-$(nproc)} out=${OUT:-$at-out} python=${PYTHON:-python3} begin=$SECONDS
    mkdir -p "$out"
    say() { echo "[$((SECONDS - begin)) s] $*" | tee -a "$out/results.txt"; }
    if [ ! -e "$at/whole" ]; then
        keep
        cat "$at"/pieces/* | sha256sum | grep -q "^$(cat "$kit/kit/sha256") " || { say "a piece is missing or broken; there are: $(ls "$at/pieces")"; exit 1; }
        cat "$at"/pieces/* | { command -v xz > /dev/null && xz -dc -T0 || "$python" -c 'import lzma,shutil,sys; shutil.copyfileobj(lzma.open(sys.stdin.buffer), sys.stdout.buffer, 1 << 20)'; } | tar x -C "$at"
        touch "$at/whole"
    fi
    cd "$at"
    for folder in $("$python" -c 'import nvidia; print(*nvidia.__path__)' 2> /dev/null || true); do
        for lib in "$folder"/*/lib; do [ ! -d "$lib" ] || LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$lib; done
    done
    for lib in /usr/local/nvidia/lib64 /usr/local/cuda/lib64; do [ ! -d $lib ] || LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$lib; done
    PATH=$PATH:/usr/sbin:/sbin ldconfig -p | grep -q libssl.so || LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$at/ssl
    export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:-} DOTNET_gcServer=0 DEVICE=$device

    # The measured line, or what went wrong.
    line() { grep -a -m1 '^{"work"' last.log || { echo "FAILED:"; tail -1 last.log; }; }
    ours() { timeout 120 bin/LmmRec.Bench measure "$@" --inter data/baby_lattice.inter --runs "$runs" --threads "$threads" --device "$device" > last.log 2>&1 || true; say "ours $* $(line | tr '\n' ' ')"; }
    torch() { timeout 120 "$python" data/gpu_peer.py data/torch_peer.py "$@" --inter data/baby_lattice.inter --runs "$runs" --threads "$threads" > last.log 2>&1 || true; say "torch $* ${HALF:+16 bits }${TF32:+TF32 }$(line | tr '\n' ' ')"; }

    look() { say "$(nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>&1 | head -1)"; ours matmul; }
    features() {
        rm -rf cpu device
        bin/lmmrec ingest --workspace cpu > ingest.log 2>&1 && cp -r cpu device
        bin/lmmrec featurize --workspace cpu > cpu.log 2>&1 && bin/lmmrec featurize --workspace device --device "$device" > device.log 2>&1 || say "featurize failed: $(tail -qn1 ingest.log cpu.log device.log)"
        say "$("$python" data/compare.py cpu/sample/features/clip-small device/sample/features/clip-small 2>&1 | tail -2)"
    }
    steps() { for work in lightgcn vbpr mmgcn; do ours $work; torch $work; done; }
    clip() {
        for batch in ${BATCHES:-16 64 256}; do
            for work in clip-image clip-image-resident clip-image-half clip-image-half-resident; do ours $work --batch "$batch"; done
            torch vit-forward --batch "$batch"; TF32=1 torch vit-forward --batch "$batch"; HALF=1 torch vit-forward --batch "$batch"
        done
    }
    towers() { for batch in ${TOWERS:-8 32}; do ours towers-train --batch "$batch"; torch towers-train --batch "$batch"; done; }
    [ $# -gt 0 ] || set -- look features steps clip towers
    for step in "$@"; do say "== $step"; $step; done
}

$verb "$@"
