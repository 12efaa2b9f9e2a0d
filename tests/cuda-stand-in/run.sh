#!/usr/bin/env bash
# What can be known of CUDA without a card: where the nodes of each recommender's step run, and that tensors reach the device's memory and come back.
# Builds the CUDA build beside the other one, and libraries in CUDA's place.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for project in Graphs Train; do
    dotnet build -c Release -v quiet "tests/$project.Tests" -p:Accelerator=cuda -p:ArtifactsPath="$work/build"
done
tests/cuda-stand-in/build.sh "$work/build/bin/Graphs.Tests/release/libonnxruntime_providers_cuda.so" "$work/cuda"
export LD_LIBRARY_PATH=$work/cuda
"$work/build/bin/Graphs.Tests/release/LmmRec.Graphs.Tests" -class LmmRec.Graphs.Tests.DeviceMemoryTests
"$work/build/bin/Train.Tests/release/LmmRec.Train.Tests" -class LmmRec.Train.Tests.PlacementTests
