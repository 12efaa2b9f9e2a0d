using System.Globalization;
using System.Text;
using System.Text.Json;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;

namespace LmmRec.Runs;

/// <summary>The records of a workspace's runs, and their tags.</summary>
/// <param name="workspace">the workspace's folder</param>
public sealed class RunStore(string workspace)
{
    /// <summary>Names the newest run that does not go on any more, beside ids and tags.</summary>
    public const string Latest = "latest";

    private const string Extension = ".json";

    private readonly string _folder = Path.Combine(workspace, WorkspaceFolders.Runs);

    private string TagFolder => Path.Combine(_folder, "tags");

    /// <summary>All runs, in the order in which they began. One whose process is gone reads as interrupted.</summary>
    /// <param name="broken">hears of each record that cannot be read, which is left out</param>
    /// <exception cref="NewerVersionException">A newer lmmrec wrote a record.</exception>
    public IReadOnlyList<RunRecord> List(Action<InvalidInputException> broken) => !Directory.Exists(_folder) ? [] :
        [.. Directory.EnumerateFiles(_folder, "*" + Extension).Where(path => Path.GetFileNameWithoutExtension(path) != Latest).Order(StringComparer.Ordinal)
            .Select(path => TryRead(path, broken)).OfType<RunRecord>().OrderBy(run => run.Number).ThenBy(run => run.Id, StringComparer.Ordinal)];

    /// <summary>The same for who needs to know all of them.</summary>
    /// <exception cref="InvalidInputException">A record cannot be read, or was written by a newer lmmrec.</exception>
    public IReadOnlyList<RunRecord> List() => List(fault => throw fault);

    /// <summary>The run that <paramref name="name"/> names: its id, a tag, or <see cref="Latest"/>.</summary>
    /// <exception cref="InvalidInputException">There is none.</exception>
    public RunRecord Find(string name)
    {
        if (name == Latest)
            return List(_ => { }).LastOrDefault(run => run.State != RunState.Running) ?? throw new InvalidInputException($"workspace '{workspace}' holds no run that has ended; 'lmmrec runs' lists the runs");
        var id = Tags().TryGetValue(name, out var tagged) ? tagged : name;
        return IsName(id) && File.Exists(PathOf(id)) && Read(PathOf(id)) is { } record ? record
            : throw new InvalidInputException($"workspace '{workspace}' holds no run '{name}'; 'lmmrec runs' lists the runs and their tags");
    }

    /// <summary>The id of the run that each tag names.</summary>
    public IReadOnlyDictionary<string, string> Tags() => !Directory.Exists(TagFolder) ? new SortedDictionary<string, string>() :
        new SortedDictionary<string, string>(Directory.EnumerateFiles(TagFolder).Where(path => IsName(Path.GetFileName(path))).ToDictionary(path => Path.GetFileName(path), path => File.ReadAllText(path).Trim()), StringComparer.Ordinal);

    /// <summary>Gives a run a name; a name that another run has moves to it.</summary>
    /// <returns>The id of the run that had the name; null: none.</returns>
    /// <exception cref="InvalidInputException">It is no name for a run.</exception>
    public string? Tag(RunRecord run, string name)
    {
        if (!IsName(name) || name == Latest || char.IsAsciiDigit(name[0]))
            throw new InvalidInputException($"'{name}' is no name for a run; allowed are letters, digits, '-', '_' and '.', the first a letter, but not '{Latest}'");
        var before = Tags().GetValueOrDefault(name);
        Directory.CreateDirectory(TagFolder);
        FileSystem.WriteAtomically(Path.Combine(TagFolder, name), stream => stream.Write(Encoding.ASCII.GetBytes(run.Id + "\n")), alone: false);
        return before;
    }

    /// <summary>Takes a name away.</summary>
    /// <returns>The id of the run that had it.</returns>
    /// <exception cref="InvalidInputException">No run has it.</exception>
    public string Untag(string name)
    {
        var id = Tags().TryGetValue(name, out var tagged) ? tagged : throw new InvalidInputException($"no run has the tag '{name}'; 'lmmrec runs' lists the runs and their tags");
        File.Delete(Path.Combine(TagFolder, name));
        return id;
    }

    /// <summary>Makes the record of a run that begins.</summary>
    /// <param name="began">gives it its id and, where no run before it has a larger one, its number</param>
    /// <param name="record">makes it of id and number</param>
    /// <param name="broken">hears of each record that cannot be read</param>
    /// <exception cref="NewerVersionException">A newer lmmrec wrote a record.</exception>
    internal RunRecord Begin(DateTimeOffset began, Func<string, long, RunRecord> record, Action<InvalidInputException> broken)
    {
        Directory.CreateDirectory(_folder);
        var number = List(broken).Select(run => run.Number + 1).Append(began.ToUnixTimeMilliseconds()).Max();
        var name = began.ToUniversalTime().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        for (var n = 1; ; n++)
            if (TryMake(record(n == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{n}"), number)) is { } made) return made;
    }

    /// <summary>Writes a record in place of what it was.</summary>
    internal void Write(RunRecord record) => FileSystem.WriteAtomically(PathOf(record.Id), stream => JsonSerializer.Serialize(stream, record, Manifest.Json));

    /// <summary>Makes a run that has ended the one that <c>latest.json</c> shows.</summary>
    internal void SetLatest(RunRecord record)
    {
        var copy = PathOf(record.Id) + "." + Latest; // its own, since others may end at the same time
        File.Copy(PathOf(record.Id), copy, overwrite: true);
        File.Move(copy, PathOf(Latest), overwrite: true);
    }

    /// <summary>Deletes a record.</summary>
    internal void Delete(RunRecord record) => File.Delete(PathOf(record.Id));

    private string PathOf(string id) => Path.Combine(_folder, id + Extension);

    // Null: another run has the id. Whoever makes the file beside it first has it; that is gone in the moment in which the record is there.
    private RunRecord? TryMake(RunRecord record)
    {
        var claim = PathOf(record.Id) + ".new";
        try
        {
            using var file = new FileStream(claim, FileMode.CreateNew);
            if (File.Exists(PathOf(record.Id)))
            {
                File.Delete(claim);
                return null;
            }
            JsonSerializer.Serialize(file, record, Manifest.Json);
            file.Flush(flushToDisk: true);
        }
        catch (IOException e) when (FileSystem.IsTaken(e))
        {
            return null;
        }
        File.Move(claim, PathOf(record.Id));
        return record;
    }

    private RunRecord? TryRead(string path, Action<InvalidInputException> broken)
    {
        try
        {
            return Read(path);
        }
        catch (InvalidInputException e) when (e is not NewerVersionException)
        {
            broken(e);
            return null;
        }
    }

    private RunRecord? Read(string path)
    {
        try
        {
            var record = RunRecord.Parse(File.ReadAllBytes(path), path);
            return record.State == RunState.Running && (record.Lock is null || !StageLock.IsHeld(workspace, record.Lock)) ? record with { State = RunState.Interrupted } : record;
        }
        catch (FileNotFoundException)
        {
            return null; // gc took it meanwhile
        }
    }

    private static bool IsName(string text) => text.Length is > 0 and <= 100 && text[0] != '.' && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
