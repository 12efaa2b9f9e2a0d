using System.Text.Json;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Remotes;

/// <summary>
/// Where things lie on a remote: each file once, under its hash, in <c>objects/</c>; what artifacts there are in <c>artifacts/</c>; records and tags of
/// runs in <c>runs/</c>; and a file that says that all this is ours.
/// </summary>
internal static class Layout
{
    public const string Objects = "objects", Artifacts = "artifacts", Runs = WorkspaceFolders.Runs, Tags = $"{Runs}/tags";

    private const int Version = 1;
    private const string Marker = "remote.json", Json = ".json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n", RespectRequiredConstructorParameters = true };

    private sealed record Mark(int LmmrecRemote);

    public static string ObjectOf(string sha256) => $"{Objects}/{sha256[..2]}/{sha256}";

    public static string ReferenceOf(string artifact) => $"{Artifacts}/{artifact}{Json}";

    /// <summary>The artifact that the reference <paramref name="file"/> is of; null: it is no reference.</summary>
    public static string? ArtifactOf(string file) => file.EndsWith(Json, StringComparison.Ordinal) ? file[(Artifacts.Length + 1)..^Json.Length] : null;

    public static OutgoingFile ToFile<T>(string name, T value) => OutgoingFile.Of(name, JsonSerializer.SerializeToUtf8Bytes(value, Options));

    /// <exception cref="InvalidInputException">The file holds something else.</exception>
    public static T Parse<T>(string where, byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("it holds null");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{where}: is none that lmmrec wrote ({e.Message}); delete it there and push again", e);
        }
    }

    /// <summary>Begins a remote at an empty address.</summary>
    /// <exception cref="InvalidInputException">There are other things, or a newer lmmrec wrote there.</exception>
    public static async Task BeginAsync(IRemote remote, CancellationToken cancellation)
    {
        if (await IsOursAsync(remote, cancellation)) return;
        // Another machine may have begun it since we looked.
        if (await remote.AnyAsync("", cancellation) is { } other && !await IsOursAsync(remote, cancellation))
            throw new InvalidInputException($"{remote.Address}: holds other things, such as {other.Name}, and is no remote of lmmrec ({Marker} is not there); name an empty or a new place");
        await remote.SendAsync(Marker, ToFile(Marker, new Mark(Version)), _ => { }, cancellation);
    }

    /// <summary>Sees to it that there is something to pull.</summary>
    /// <exception cref="InvalidInputException">There is no remote of ours, or a newer lmmrec wrote there.</exception>
    public static async Task RequireAsync(IRemote remote, CancellationToken cancellation)
    {
        if (!await IsOursAsync(remote, cancellation))
            throw new InvalidInputException($"{remote.Address}: is no remote of lmmrec ({Marker} is not there); look the address over, or push to it first");
    }

    private static async Task<bool> IsOursAsync(IRemote remote, CancellationToken cancellation)
    {
        if (await remote.TryReadAllAsync(Marker, cancellation) is not { } json) return false;
        var version = Parse<Mark>($"{remote.Address}: {Marker}", json).LmmrecRemote;
        return version <= Version ? true : throw new InvalidInputException($"{remote.Address}: was written by a newer lmmrec (version {version} of the remote's form; this one knows {Version}); use that one");
    }
}

/// <summary>Which artifact lies at a place of the workspace.</summary>
/// <param name="Id">hash of its manifest, by which it is found among the objects</param>
/// <param name="Beside">the files that the manifest does not list, since they differ from run to run</param>
internal sealed record ArtifactReference(string Id, SortedDictionary<string, ManifestFile> Beside);
