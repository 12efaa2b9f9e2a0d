using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;

namespace LmmRec.Encoders.Weights;

/// <summary>Fetches weights, which may be split into several files that an index names.</summary>
internal static class RemoteWeights
{
    /// <summary>Fetches the file at <paramref name="address"/>, and the shards beside it if it is an index, into <paramref name="folder"/>.</summary>
    /// <returns>What <see cref="WeightsFile.Read"/> reads.</returns>
    /// <exception cref="InvalidInputException">The address names no file, a file cannot be fetched, or the index is none.</exception>
    public static async Task<string> FetchAsync(Download download, Uri address, string folder, string? sha256, string otherwise, IProgressSink progress, CancellationToken cancellation)
    {
        var name = Path.GetFileName(address.LocalPath);
        if (!BareFileName.Is(name)) throw new InvalidInputException($"{Download.Shown(address)}: names no file; allowed are addresses such as https://example.org/model.safetensors");
        var file = Path.Combine(folder, name);
        await download.FetchAsync(address, file, sha256, otherwise, progress, cancellation);
        foreach (var shard in WeightsFile.IsIndex(file) ? WeightsFile.ShardsOf(file) : [])
            await download.FetchAsync(new Uri(address, Uri.EscapeDataString(shard)), Path.Combine(folder, shard), null, otherwise, progress, cancellation);
        return file;
    }
}
