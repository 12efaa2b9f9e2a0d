using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Artifacts.Store;

/// <summary>
/// Writes one artifact folder so that it is there whole or not at all: everything goes to <c>&lt;folder&gt;~writing</c>, is flushed to disk,
/// gets its manifest last, and takes the folder's name by renaming. A killed process leaves that folder, which nobody reads, and its
/// <see cref="Unfinished"/> work, with which the next one goes on.
/// </summary>
public sealed class ArtifactWriter
{
    /// <summary>What the name of a folder ends with that is being written.</summary>
    public const string Writing = "~writing";

    /// <summary>What the name of a folder ends with that holds work which outlives a run.</summary>
    public const string UnfinishedWork = "~unfinished";

    // No data set, encoder or case has a ~ in its name, so these folders are nobody else's.
    internal const string Previous = "~previous", Parts = "parts";

    // In the folder of the unfinished work: which of its files a commit has begun to move out. Beside it: the id of the artifact that a commit makes of it.
    private const string AdoptedNames = "~adopted", UsedFor = "~used";

    private readonly string _folder, _unfinishedFor;
    private readonly KeptArtifacts? _kept;
    private readonly Dictionary<string, long> _rows = [];
    private readonly List<string> _made = []; // the folders around it that were not there before, innermost first
    private readonly List<string> _adopted = [];

    /// <summary>Begins the artifact <paramref name="folder"/>; what a killed process left of it is deleted.</summary>
    /// <param name="folder">where it will be</param>
    /// <param name="recipe">what it is made from</param>
    /// <param name="unfinishedFor">what its unfinished work belongs to; null: the recipe</param>
    /// <param name="kept">takes the artifact that it replaces; null: that is deleted</param>
    public ArtifactWriter(string folder, Recipe recipe, string? unfinishedFor = null, KeptArtifacts? kept = null)
    {
        (_folder, _unfinishedFor) = (folder, unfinishedFor ?? recipe.Unfinished);
        _kept = kept;
        Recipe = recipe;
        Folder = folder + Writing;
        Recover(folder, kept);
        for (var around = Path.GetDirectoryName(Path.GetFullPath(folder)); !Directory.Exists(around); around = Path.GetDirectoryName(around)) _made.Add(around!);
        Directory.CreateDirectory(Folder);
    }

    /// <summary>What the artifact is made from.</summary>
    public Recipe Recipe { get; }

    /// <summary>Where the files are written until the commit.</summary>
    public string Folder { get; }

    /// <summary>The artifact's folder: until the commit, the artifact of the run before, if there was one.</summary>
    public string Replaces => _folder;

    /// <summary>
    /// A folder, made by whoever writes to it, for work that outlives a run that is killed or fails, such as what was fetched or the state of a
    /// training: the next run with the same recipe, or what else it belongs to, finds it there. It is no part of the artifact, and
    /// gone once that is committed.
    /// </summary>
    public string Unfinished => UnfinishedOf(_folder, _unfinishedFor);

    /// <summary>The folder of the unfinished work of <paramref name="folder"/>'s next version; the name says what it belongs to.</summary>
    public static string UnfinishedOf(string folder, string name) => Path.Combine(folder + UnfinishedWork, name);

    /// <summary>A folder for artifacts that other processes make as parts of <paramref name="folder"/>'s next version; gone, too, once that is committed.</summary>
    public static string PartsOf(string folder) => Path.Combine(folder + UnfinishedWork, Parts);

    /// <summary>Counts and settings for the manifest, such as users, items, best epoch: the same from run to run.</summary>
    public JsonObject Facts { get; } = [];

    /// <summary>What differs from run to run (seconds, rates, memory), for <c>timings.json</c>.</summary>
    public JsonObject Timings { get; } = [];

    /// <summary>What ran where, beside the versions that are always there; such as <c>device</c>.</summary>
    public SortedDictionary<string, string> Runtime { get; } = Versions();

    /// <summary>The versions of what runs here.</summary>
    public static SortedDictionary<string, string> Versions() => new(StringComparer.Ordinal)
    {
        ["lmmrec"] = typeof(Manifest).Assembly.GetName().Version!.ToString(3),
        ["dotnet"] = Environment.Version.ToString(),
        ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
    };

    /// <summary>The full path for a file of the artifact that is written by other means; its folder is made.</summary>
    public string PathFor(string relative)
    {
        var path = Path.Combine(Folder, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Takes the file <paramref name="name"/> of the <see cref="Unfinished"/> work into the artifact; it moves at the commit, so that it outlives all before.</summary>
    public void Adopt(string name) => _adopted.Add(name);

    /// <summary>Writes the table <paramref name="name"/> (default: the row type's own name) as one file.</summary>
    public async Task WriteTableAsync<TRow>(IEnumerable<TRow> rows, CancellationToken cancellation, string? name = null)
    {
        var path = TableFile.PathOf<TRow>(Folder);
        if (name is not null) path = Path.Combine(Folder, name + Path.GetExtension(path));
        _rows[Path.GetFileName(path)] = await TableFile.WriteAsync(path, rows, cancellation);
    }

    /// <summary>Writes a table as shards <c>name-00000.parquet</c>, … of <paramref name="rowsPerShard"/> rows; an empty table gives one empty shard.</summary>
    public async Task WriteShardsAsync<TRow>(string name, IAsyncEnumerable<TRow> rows, int rowsPerShard, CancellationToken cancellation)
    {
        await using var source = rows.GetAsyncEnumerator(cancellation);
        var more = await source.MoveNextAsync();
        var shard = 0;
        do
        {
            var file = TableFile.ShardName(name, shard++);
            _rows[file] = await TableFile.WriteAsync(Path.Combine(Folder, file), NextRowsAsync(), cancellation);
        }
        while (more);

        async IAsyncEnumerable<TRow> NextRowsAsync()
        {
            for (var row = 0; more && row < rowsPerShard; row++)
            {
                yield return source.Current;
                more = await source.MoveNextAsync();
            }
        }
    }

    /// <summary>Flushes and hashes all files, writes the manifest and puts the folder in place of the one that was there.</summary>
    /// <param name="cancellation">ends it before that</param>
    /// <param name="fence">is asked right before the folder takes its place, and throws where it must not</param>
    public async Task<Manifest> CommitAsync(CancellationToken cancellation, Action? fence = null)
    {
        await File.WriteAllBytesAsync(Path.Combine(Folder, Manifest.TimingsFileName), JsonSerializer.SerializeToUtf8Bytes(Timings, Manifest.Json), cancellation);
        var files = new SortedDictionary<string, ManifestFile>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)) await AddAsync(path, Path.GetRelativePath(Folder, path).Replace(Path.DirectorySeparatorChar, '/'));
        foreach (var name in _adopted) await AddAsync(Path.Combine(Unfinished, name), name);
        var manifest = new Manifest(Manifest.CurrentSchema, Recipe.Fingerprint, Manifest.ContentOf(files), Recipe, Runtime, Facts, files);
        FileSystem.WriteAtomically(Path.Combine(Folder, Manifest.FileName), stream => JsonSerializer.Serialize(stream, manifest, Manifest.Json));
        cancellation.ThrowIfCancellationRequested();
        fence?.Invoke();
        Finish();
        return manifest;

        async Task AddAsync(string path, string name)
        {
            FileSystem.Flush(path);
            if (Manifest.IsHashed(name))
                files[name] = new ManifestFile(new FileInfo(path).Length, await Hashing.OfFileAsync(path, cancellation), _rows.TryGetValue(name, out var rows) ? rows : null);
        }
    }

    /// <summary>Puts an artifact that was made elsewhere in its place: its files, flushed and of the right hashes, are adopted, and this is its <paramref name="manifest"/>.</summary>
    public void Commit(byte[] manifest)
    {
        FileSystem.WriteAtomically(Path.Combine(Folder, Manifest.FileName), stream => stream.Write(manifest));
        Finish();
    }

    /// <summary>Deletes what was written but for the unfinished work, and the folders around it that were made for it; for a step that failed.</summary>
    public void Discard()
    {
        DeleteWriting(_folder);
        foreach (var folder in new[] { Unfinished, _folder + UnfinishedWork }) TryDeleteEmpty(folder);
        _ = _made.TrueForAll(TryDeleteEmpty);
    }

    /// <summary>
    /// Puts the former artifact back where a process died between the two renames, or to those that are kept where it died after them, and deletes what half-written
    /// ones left, and the unfinished work that became the artifact.
    /// </summary>
    internal static void Recover(string folder, KeptArtifacts? kept = null)
    {
        if (Directory.Exists(folder)) PutAwayPrevious(folder, kept);
        else if (Directory.Exists(folder + Previous)) Directory.Move(folder + Previous, folder);
        DeleteWriting(folder);
        DeleteUsed(folder);
    }

    /// <summary>Puts the whole artifact in <paramref name="by"/> in the place of <paramref name="folder"/>.</summary>
    /// <remarks>A folder cannot be renamed onto another: the old one steps aside first, and <see cref="Recover"/> brings it back if we die in between.</remarks>
    internal static void Replace(string folder, string by, KeptArtifacts? kept)
    {
        var around = Path.GetDirectoryName(Path.GetFullPath(folder))!;
        if (Directory.Exists(folder)) Directory.Move(folder, folder + Previous);
        else Directory.CreateDirectory(around);
        try
        {
            Directory.Move(by, folder);
        }
        catch when (Directory.Exists(folder + Previous) && !Directory.Exists(folder))
        {
            Directory.Move(folder + Previous, folder); // what is to take its place is gone
            throw;
        }
        FileSystem.Flush(around);
        PutAwayPrevious(folder, kept);
    }

    /// <summary>Deletes the parts of <paramref name="folder"/> that were made by the recipe of the whole, once that is there.</summary>
    internal static void DeleteParts(string folder, Recipe recipe)
    {
        if (!Directory.Exists(PartsOf(folder))) return;
        foreach (var part in Directory.GetDirectories(PartsOf(folder)))
            if (Manifest.TryRead(part)?.Recipe is { } made && (made with { Step = recipe.Step }).Fingerprint == recipe.Fingerprint)
                Directory.Delete(part, recursive: true);
        foreach (var around in new[] { PartsOf(folder), folder + UnfinishedWork }) TryDeleteEmpty(around);
    }

    private void Finish()
    {
        if (Directory.Exists(Unfinished)) FileSystem.WriteAtomically(Unfinished + UsedFor, stream => stream.Write(Encoding.ASCII.GetBytes(Manifest.IdOf(Folder)!)));
        MoveAdopted();
        foreach (var folder in Directory.EnumerateDirectories(Folder, "*", SearchOption.AllDirectories)) FileSystem.Flush(folder);
        FileSystem.Flush(Folder);
        Replace(_folder, Folder, _kept);
        if (Directory.Exists(_folder + UnfinishedWork)) FileSystem.Remove(_folder + UnfinishedWork);
    }

    // The process died that was to. What belongs to another recipe stays: it may have taken hours.
    private static void DeleteUsed(string folder)
    {
        var around = folder + UnfinishedWork;
        if (Directory.Exists(around + FileSystem.Leaving)) Directory.Delete(around + FileSystem.Leaving, recursive: true);
        if (!Directory.Exists(around)) return;
        foreach (var mark in Directory.GetFiles(around, "*" + UsedFor))
        {
            if (mark[..^UsedFor.Length] is var used && Directory.Exists(used) && File.ReadAllText(mark) == Manifest.IdOf(folder)) Directory.Delete(used, recursive: true);
            File.Delete(mark); // after the folder; or it is that of a commit which came to nothing
        }
        TryDeleteEmpty(around);
    }

    // In those around it other processes make theirs, at any moment.
    private static bool TryDeleteEmpty(string folder)
    {
        try
        {
            Directory.Delete(folder);
            return true;
        }
        catch (IOException)
        {
            return false; // it is not empty, or was not there
        }
    }

    private void MoveAdopted()
    {
        if (_adopted.Count == 0) return;
        FileSystem.WriteAtomically(Path.Combine(Unfinished, AdoptedNames), stream => JsonSerializer.Serialize(stream, _adopted));
        foreach (var name in _adopted) File.Move(Path.Combine(Unfinished, name), PathFor(name));
    }

    // What a commit that failed, or whose process died, had moved in goes back first: it may have taken hours to come.
    private static void DeleteWriting(string folder)
    {
        if (!Directory.Exists(folder + Writing)) return;
        if (Directory.Exists(folder + UnfinishedWork))
            foreach (var list in Directory.EnumerateFiles(folder + UnfinishedWork, AdoptedNames, SearchOption.AllDirectories).ToList())
            {
                foreach (var name in JsonSerializer.Deserialize<List<string>>(File.ReadAllBytes(list))!)
                    if (File.Exists(Path.Combine(folder + Writing, name))) File.Move(Path.Combine(folder + Writing, name), Path.Combine(Path.GetDirectoryName(list)!, name));
                File.Delete(list);
            }
        Directory.Delete(folder + Writing, recursive: true);
    }

    private static void PutAwayPrevious(string folder, KeptArtifacts? kept)
    {
        if (!Directory.Exists(folder + Previous)) return;
        if (kept is null) Directory.Delete(folder + Previous, recursive: true);
        else kept.Keep(folder + Previous, folder);
    }
}
