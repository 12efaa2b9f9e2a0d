#!/usr/bin/env bash
# Kills runs with -9 at 200 places, or as many as the first argument says, and holds each against an unbroken run, byte by byte: names the files that differ.
# The test does the same 20 times.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release tests/EndToEnd -v quiet -nologo
TIMEFORMAT='%R s, of processors %U s and %S s of the system'
time LMMREC_KILLS=${1:-200} .build/bin/EndToEnd/release/LmmRec.EndToEnd -class LmmRec.EndToEnd.BadDays.KilledRunTests -showLiveOutput
