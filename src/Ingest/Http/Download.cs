using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Ingest.Pictures;

namespace LmmRec.Ingest.Http;

/// <summary>Fetches whole files, such as a published data set's.</summary>
internal static class Download
{
    private const int CodeVersion = 1;

    // The largest file that is known, the visual features of Amazon's books, has 35 GB.
    private const long MaxBytes = 64L << 30;

    /// <summary>
    /// A step that fetches one file into an artifact of its own. The manifest remembers its size and SHA-256: it is fetched once, and when it is fetched
    /// again and has become another, what is made from it is made anew. Where it came from is no part of the recipe: a mirror has the same file.
    /// </summary>
    /// <param name="name">the file's name</param>
    /// <param name="url">where it is</param>
    /// <param name="source">what it belongs to, such as <c>amazon-2014</c></param>
    /// <param name="folder">the folder of such artifacts</param>
    /// <param name="policy">how it is fetched</param>
    /// <param name="remedy">what else the user can do where it cannot be had</param>
    public static Step Of(string name, Uri url, string source, string folder, FetchPolicy policy, string remedy)
    {
        var artifact = Path.Combine(folder, name);
        return new Step($"download/{name}", artifact, CodeVersion, new JsonObject { ["source"] = source, ["file"] = name }, new Dictionary<string, string>(), RunAsync)
        {
            GoesOn = unfinished => new FileInfo(Path.Combine(unfinished, name)) is { Exists: true, Length: > 0 and var bytes } ? $"goes on after {bytes} bytes" : null,
        };

        async Task RunAsync(StepContext context, CancellationToken cancellation)
        {
            context.Progress.Note($"{name} does not lie in the data folder; it is fetched from {PictureAddress.Shown(url.OriginalString)}");
            using var fetcher = new Fetcher(policy, context.Clock);
            var path = Path.Combine(context.Output.Unfinished, name);
            await FetchAsync(fetcher, url, path, remedy, cancellation);
            context.Output.Adopt(name);
            context.Output.Timings["bytes"] = fetcher.Bytes;
            context.Output.Facts["url"] = PictureAddress.Shown(url.OriginalString);
            if (Manifest.TryRead(artifact) is { } former && former.Files.TryGetValue(name, out var file) && file.Sha256 != await Hashing.OfFileAsync(path, cancellation))
                context.Progress.Note($"{name} is another than the one that was fetched before ({file.Bytes} bytes, SHA-256 {file.Sha256})");
        }
    }

    /// <summary>Fetches <paramref name="url"/> into the file <paramref name="path"/>, or what is missing of it there; its folder is made.</summary>
    /// <exception cref="InvalidInputException">It cannot be had, or is a web page; with <paramref name="remedy"/>.</exception>
    public static async Task FetchAsync(Fetcher fetcher, Uri url, string path, string remedy, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var reason = (await fetcher.FetchFileAsync(url, path, MaxBytes, cancellation)).Fault;
        if (reason is not null)
            throw new InvalidInputException($"{PictureAddress.Shown(url.OriginalString)}: cannot be fetched: {reason}; check the address and that the server is up, {remedy}");
        if (StandIn.Of(path) is not { } what) return;
        PartialFile.Delete(path);
        throw new InvalidInputException($"{PictureAddress.Shown(url.OriginalString)}: {what}; {remedy}");
    }
}
