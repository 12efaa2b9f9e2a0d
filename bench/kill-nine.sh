#!/usr/bin/env bash
# Kills runs with -9 at 200 places, or as many as the first argument says, and holds each against an unbroken run, byte by byte.
# The test does the same 20 times. 200 take more than ten minutes where two cores are busy.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release tests/EndToEnd -v quiet -nologo
LMMREC_KILLS=${1:-200} .build/bin/EndToEnd/release/LmmRec.EndToEnd -class LmmRec.EndToEnd.BadDays.KilledRunTests
