using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Artifacts.Store;

/// <summary>One file of an artifact.</summary>
/// <param name="Bytes">size in bytes</param>
/// <param name="Sha256">hash of the content, lower-case hexadecimal</param>
/// <param name="Rows">rows, where the file is a table; left out of the JSON where it is not</param>
public sealed record ManifestFile(long Bytes, string Sha256, long? Rows = null);

/// <summary>What an artifact was made from: everything that determines its bytes.</summary>
/// <param name="Step">what made it, such as <c>train/bpr-s999</c></param>
/// <param name="CodeVersion">raised by hand when the code of the step changes its output</param>
/// <param name="Options">the options that change the output</param>
/// <param name="Inputs">name of each input and its content hash</param>
public sealed record Recipe(string Step, int CodeVersion, JsonObject Options, SortedDictionary<string, string> Inputs)
{
    /// <summary>The tables that the step reads of an input, by the input's name, where it does not read all; that input's hash is over these alone.</summary>
    public SortedDictionary<string, IReadOnlyList<string>>? Reads { get; init; }

    /// <summary>Whether the artifact <paramref name="other"/>, as it is now, is what this was made from as its input <paramref name="name"/>.</summary>
    public bool IsMadeFrom(string name, Manifest other) => Inputs.GetValueOrDefault(name) == other.ContentOf(Reads?.GetValueOrDefault(name));

    /// <summary>
    /// Content hash of the artifact that lay in the folder before, where the step started from it; null: it started from nothing. It determines the bytes and is no part
    /// of the fingerprint: that yesterday's artifact is another makes nothing run again.
    /// </summary>
    public string? StartedFrom { get; init; }

    /// <summary>Hash of the recipe: the same fingerprint gives the same output, so the step is skipped.</summary>
    [JsonIgnore]
    public string Fingerprint => Hashing.OfText(JsonSerializer.Serialize(this with { StartedFrom = null }, Manifest.Json));

    /// <summary>What unfinished work belongs to, since a run goes on with what another began only where both started from the same artifact.</summary>
    [JsonIgnore]
    internal string Unfinished => StartedFrom is null ? Fingerprint : Hashing.OfText($"{Fingerprint} {StartedFrom}");
}

/// <summary>
/// <c>manifest.json</c>: written last, makes the folder valid. Folder + manifest is the unit of handoff. Holds nothing that differs from run
/// to run on the same machine type; that goes to <c>timings.json</c>.
/// </summary>
public sealed record Manifest(
    int SchemaVersion,
    string Fingerprint,
    string Content,
    Recipe Recipe,
    SortedDictionary<string, string> Runtime,
    JsonObject Facts,
    SortedDictionary<string, ManifestFile> Files)
{
    public const string FileName = "manifest.json";

    /// <summary>What differs from run to run: seconds, memory, rates, fetch times. Outside hashes and fingerprints.</summary>
    public const string TimingsFileName = "timings.json";

    /// <summary>What was fetched when, in how many attempts and how long it took, one JSON object a line. Outside hashes and fingerprints.</summary>
    public const string FetchesFileName = "fetches.jsonl";

    /// <summary>A page for people, which shows times and memory. Outside hashes and fingerprints.</summary>
    public const string PageFileName = "index.html";

    /// <summary>The fact that says why a training ended before it was to, and what was kept; null: it did not.</summary>
    public const string Stopped = "stopped";

    /// <summary>What the names of an encoder's card and weights begin with among the inputs of a recipe.</summary>
    public const string CardFiles = "card/";

    /// <summary>Version of the tables' and the manifest's form.</summary>
    public const int CurrentSchema = 1;

    /// <summary>How what lies in a workspace is written as JSON.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Whether the content hash is that of the files listed; else somebody changed the manifest.</summary>
    [JsonIgnore]
    public bool IsUnchanged => Content == ContentOf(Files);

    /// <summary>Whether a file of an artifact is hashed: what differs from run to run is not.</summary>
    public static bool IsHashed(string name) => name is not (TimingsFileName or FetchesFileName or PageFileName);

    /// <summary>Hash over names and hashes of the files: what steps that read this artifact depend on.</summary>
    public static string ContentOf(IEnumerable<KeyValuePair<string, ManifestFile>> files) =>
        Hashing.OfText(string.Join('\n', files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Value.Sha256} {f.Key}")));

    /// <summary>The same over the files of some tables alone: what a step that reads only these depends on. Null: all.</summary>
    public string ContentOf(IReadOnlyList<string>? tables) =>
        tables is null ? Content : ContentOf(Files.Where(file => tables.Any(table => TableFile.IsOf(file.Key, table))));

    /// <summary>The id of the artifact <paramref name="folder"/>: the hash of its manifest's bytes, and so of all that it holds and was made from; null where there is no manifest.</summary>
    public static string? IdOf(string folder) => BytesOf(folder) is { } json ? Hashing.OfBytes(json) : null;

    /// <summary>Reads the manifest of <paramref name="folder"/>; null where there is none, which means: not a finished artifact.</summary>
    /// <exception cref="InvalidInputException">The manifest cannot be read.</exception>
    /// <exception cref="NewerVersionException">A newer lmmrec wrote it.</exception>
    public static Manifest? TryRead(string folder)
    {
        if (BytesOf(folder) is not { } json) return null;
        RefuseNewer(json, folder, CurrentSchema);
        return Parse(json, Path.Combine(folder, FileName));
    }

    /// <summary>Refuses what a newer lmmrec wrote. To be asked first, since all else of it may have another form.</summary>
    /// <param name="json">what lies in the workspace</param>
    /// <param name="name">what the user is shown as its name</param>
    /// <param name="current">the version of its form that this lmmrec knows</param>
    /// <exception cref="NewerVersionException">A newer lmmrec wrote it.</exception>
    public static void RefuseNewer(byte[] json, string name, int current)
    {
        if (SchemaOf(json) is { } schema && schema > current)
            throw new NewerVersionException($"{name}: was written by a newer lmmrec (schema version {schema}, this one knows {current}); use that one on this workspace, or name another with --workspace");
    }

    /// <summary>The same for who does without what cannot be read: null there, too.</summary>
    public static Manifest? IfReadable(string folder)
    {
        try
        {
            return TryRead(folder);
        }
        catch (InvalidInputException)
        {
            return null;
        }
    }

    /// <summary>The manifest that <paramref name="json"/> is.</summary>
    /// <param name="json">the bytes of a <c>manifest.json</c></param>
    /// <param name="path">where they come from, for the message</param>
    /// <exception cref="InvalidInputException">They are none.</exception>
    public static Manifest Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Manifest>(json, Json)
                ?? throw new JsonException("the file holds null");
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{path}: is no manifest ({e.Message}); run the stage that writes it again", e);
        }
    }

    /// <inheritdoc cref="TryRead"/>
    /// <exception cref="InvalidInputException">There is no manifest, or it cannot be read.</exception>
    public static Manifest Read(string folder) => TryRead(folder)
        ?? throw new InvalidInputException($"{folder}: there is no finished artifact (no {FileName}); run the stage that writes it");

    // A run may be about to replace the artifact.
    private static byte[]? BytesOf(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(path) ? File.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static int? SchemaOf(byte[] json)
    {
        try
        {
            using var manifest = JsonDocument.Parse(json);
            return manifest.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("schemaVersion", out var version)
                && version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var schema) ? schema : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
