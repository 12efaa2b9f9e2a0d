using System.Text.Json.Nodes;

namespace LmmRec.Featurize;

/// <summary>Runs batches through an encoder, and measures how fast they are prepared and encoded and how long the encoder waits for them.</summary>
internal sealed class EncodingPace(TimeProvider clock)
{
    private TimeSpan _waiting, _encoding;
    private long _encoded, _prepared, _preparing; // of _preparing: ticks, of all threads together

    /// <summary>Encodes each of <paramref name="batches"/>.</summary>
    /// <param name="batches">made by other threads meanwhile</param>
    /// <param name="encode">gives the number of vectors</param>
    /// <param name="cancellation">ends it after a batch</param>
    public async Task EncodeAsync<TBatch>(IAsyncEnumerable<TBatch> batches, Func<TBatch, int> encode, CancellationToken cancellation)
    {
        await using var source = batches.GetAsyncEnumerator(cancellation);
        while (true)
        {
            var start = clock.GetTimestamp();
            var more = await source.MoveNextAsync();
            _waiting += clock.GetElapsedTime(start);
            if (!more) return;
            start = clock.GetTimestamp();
            _encoded += encode(source.Current);
            _encoding += clock.GetElapsedTime(start);
        }
    }

    /// <summary>Measures how <paramref name="count"/> pictures or texts are prepared; from any thread.</summary>
    public TResult Prepare<TResult>(int count, Func<TResult> prepare)
    {
        var start = clock.GetTimestamp();
        var result = prepare();
        Interlocked.Add(ref _preparing, clock.GetElapsedTime(start).Ticks);
        Interlocked.Add(ref _prepared, count);
        return result;
    }

    /// <summary>Says it in <c>timings.json</c> (docs/features.md#pace).</summary>
    public void Report(JsonObject timings)
    {
        timings["vectorsPerSecond"] = PerSecond(_encoded, _waiting + _encoding);
        timings["encodedPerSecond"] = PerSecond(_encoded, _encoding);
        timings["preparedPerSecondAndThread"] = PerSecond(_prepared, TimeSpan.FromTicks(_preparing));
        timings["encoderWaited"] = Math.Round(_waiting.TotalSeconds / Seconds(_waiting + _encoding), 4);

        static double PerSecond(long count, TimeSpan time) => Math.Round(count / Seconds(time), 1);

        static double Seconds(TimeSpan time) => Math.Max(time.TotalSeconds, 1e-3);
    }
}
