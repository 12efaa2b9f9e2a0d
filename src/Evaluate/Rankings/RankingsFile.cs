using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Evaluate.Cases;
using LmmRec.Tables;

namespace LmmRec.Evaluate.Rankings;

/// <summary>
/// A file of lists that another program made, measured as a case of the file's name (docs/evaluation.md#lists-of-other-programs): a TREC run file, or a table
/// of user, item, rank and score in any form that <see cref="TableFiles"/> reads.
/// </summary>
internal static class RankingsFile
{
    private static readonly string[] Users = ["user_id", "user"], Items = ["item_id", "item"];
    private static readonly string[] Packings = [".gz", ".zst"];

    private const string Rank = "rank", Score = "score";

    /// <summary>The case of a file.</summary>
    /// <param name="path">the file</param>
    /// <param name="longest">items of a list that count at most; what stands lower is not kept</param>
    public static CaseSource Case(string path, int longest) => new(NameOf(path), (data, cancellation) => OpenAsync(path, longest, data, cancellation))
    {
        Files = new Dictionary<string, string> { ["rankings"] = path },
        Validates = false, // the lists are of the test split
    };

    /// <summary>What is wrong with the names that the files would give to cases, a line each.</summary>
    /// <param name="files">paths of the files</param>
    /// <param name="taken">the names of the other cases</param>
    public static IEnumerable<string> Faults(IReadOnlyList<string> files, IReadOnlyCollection<string> taken)
    {
        foreach (var file in files)
        {
            var name = NameOf(file);
            if (name.Length == 0 || !char.IsAsciiLetterOrDigit(name[0]) || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_')))
                yield return $"--rankings {file}: '{name}' cannot name a case; give the file a name of letters, digits, '.', '-' and '_' that begins with a letter or digit";
            else if (taken.FirstOrDefault(Is) is { } other) yield return $"--rankings {file}: there is a case '{other}' already; give the file another name";
            else if (files.FirstOrDefault(given => Is(NameOf(given))) != file) yield return $"--rankings {file}: another file gives a case '{name}', too; give one of them another name";

            // A case is a folder, and many a disk tells no capitals from small letters.
            bool Is(string other) => other.Equals(name, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>A finite number as every program writes it.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static string NameOf(string path)
    {
        var name = Path.GetFileName(path);
        if (Packings.Contains(Path.GetExtension(name))) name = Path.GetFileNameWithoutExtension(name);
        return Path.GetFileNameWithoutExtension(name);
    }

    private static async Task<OpenedCase> OpenAsync(string path, int longest, HeldOutData data, CancellationToken cancellation)
    {
        var file = new InputFile(Path.GetFileName(path), path);
        var lists = new GivenLists(NameOf(path), file.Name, longest, data);
        TableReader? reader = null;
        try
        {
            (reader, var rank, var score) = TrecReader.Reads(path) ? (new TrecReader(file), 2, 3) : await OpenTableAsync(file, cancellation);
            await reader.ReadAsync(() =>
            {
                cancellation.ThrowIfCancellationRequested();
                if (reader.Fault is { } fault) throw new InvalidInputException($"{reader.Place}: {fault}");
                lists.Add(reader, rank, score);
                return true;
            }, cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidInputException($"{reader?.Place ?? file.Name}: {e.Message}", e);
        }
        finally
        {
            reader?.Dispose();
        }
        return lists.Open();
    }

    private static async Task<(TableReader Reader, int? Rank, int? Score)> OpenTableAsync(InputFile file, CancellationToken cancellation)
    {
        var options = new AnyTable();
        var names = await TableFiles.NamesAsync(file, options, cancellation);
        var (user, item, rank, score) = (Found(Users), Found(Items), Found(Rank), Found(Score));
        if (user is null || item is null || (rank ?? score) is null)
            throw new InvalidInputException(
                $"{file.Name}: lists need a column user_id or user, one item_id or item, and rank or score; there are {string.Join(", ", names)}; a run file of TREC has no header and six cells a line");
        List<string> wanted = [user, item, .. new[] { rank, score }.OfType<string>()];
        return (await TableFiles.OpenAsync(file, options, wanted, cancellation), rank is null ? null : 2, score is null ? null : wanted.Count - 1);

        // A name may have a type behind a colon, as RecBole writes it.
        string? Found(params string[] candidates) => candidates.FirstOrDefault(candidate => names.Any(name => name == candidate || name.StartsWith($"{candidate}:", StringComparison.Ordinal)));
    }

    private sealed record AnyTable : TableOptions;
}
