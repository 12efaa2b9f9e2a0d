using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Store;
using LmmRec.Ingest.Interactions;

namespace LmmRec.Ingest.Sources;

/// <summary>MMRec's table of interactions: tab separated, columns found by the names in its first line.</summary>
/// <param name="path">the file</param>
/// <param name="given">whether its split is wanted; without, the column <c>x_label</c> may be missing or hold anything</param>
/// <param name="log">hears of ratings and times that cannot be read: nothing hangs on them, so their rows are used without</param>
internal sealed class InterFile(string path, bool given, IngestLog log)
{
    private const string User = "userID", Item = "itemID", Label = "x_label", Rating = "rating", Time = "timestamp";

    private readonly string _name = Path.GetFileName(path);

    /// <summary>The rows, each with its line number (1-based; the header is line 1).</summary>
    /// <exception cref="InvalidInputException">A column is missing, or a value is not what its column holds.</exception>
    public IEnumerable<(Interaction Row, int Line)> Read()
    {
        StandIn.Refuse(path);
        using var reader = new StreamReader(path);
        var names = ReadHeader(reader.ReadLine());
        var (user, item, rating, time, label) =
            (Array.IndexOf(names, User), Array.IndexOf(names, Item), Array.IndexOf(names, Rating), Array.IndexOf(names, Time), Array.IndexOf(names, Label));
        var number = 1;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.Length == 0) continue;
            var fields = line.Split('\t');
            if (fields.Length != names.Length)
                throw new InvalidInputException($"{path}, line {number}: has {fields.Length} fields where the header names {names.Length}; separate them by tabs, and leave one empty where there is no value");
            yield return (new Interaction(
                Id(fields[user], User, number), Id(fields[item], Item, number), rating < 0 ? null : Number(fields[rating], number),
                time < 0 ? null : Instant(fields[time], number), label < 0 ? null : PartOf(fields[label], number)), number);
        }
    }

    private string[] ReadHeader(string? line)
    {
        if (line is null) throw new InvalidInputException($"{path}: is empty; its first line must name the columns");
        var names = line.Split('\t');
        string[] needed = given ? [User, Item, Label] : [User, Item];
        var allowed = $"allowed, separated by tabs: {string.Join(", ", needed)} and, if wanted, {Rating} and {Time}";
        if (needed.FirstOrDefault(n => !names.Contains(n)) is { } missing)
            throw new InvalidInputException($"{path}, line 1: the column '{missing}' is missing; found: {string.Join(", ", names)}; {allowed}");
        if (names.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InvalidInputException($"{path}, line 1: {twice.Count()} columns are called '{twice.Key}'; names must differ");
        return names;
    }

    private Part? PartOf(string text, int line) => text switch
    {
        "0" => Part.Train,
        "1" => Part.Validation,
        "2" => Part.Test,
        _ => given ? throw Fault(text, Label, line, "0 (train), 1 (validation) or 2 (test)") : null,
    };

    private int Id(string text, string column, int line) =>
        DenseIndex.Parse(text) ?? throw Fault(text, column, line, $"{DenseIndex.Allowed}: such ids are indices, the rows of the feature matrices (dataset.source \"table\" takes ids of any form)");

    private double? Number(string text, int line)
    {
        if (text.Length == 0) return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)) return number;
        log.Absent(Rating, $"{_name}, line {line}", text);
        return null;
    }

    private DateTime? Instant(string text, int line)
    {
        if (text.Length == 0) return null;
        var time = Moment.Parse(text);
        if (time is null) log.Absent(Time, $"{_name}, line {line}", text);
        return time;
    }

    private InvalidInputException Fault(string text, string column, int line, string allowed) =>
        new($"{path}, line {line}: {column} is '{text}'; allowed is {allowed}; correct or remove the line");
}
