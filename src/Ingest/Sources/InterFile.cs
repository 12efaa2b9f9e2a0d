using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Ingest.Interactions;

namespace LmmRec.Ingest.Sources;

/// <summary>MMRec's table of interactions: tab separated, columns found by the names in its first line.</summary>
internal sealed class InterFile(string path)
{
    private const string User = "userID", Item = "itemID", Label = "x_label", Rating = "rating", Time = "timestamp";
    private const long LatestSecond = 253402300799; // the end of the year 9999

    /// <summary>The rows, each with its line number (1-based; the header is line 1).</summary>
    /// <exception cref="InvalidInputException">A column is missing, or a value is not what its column holds.</exception>
    public IEnumerable<(Interaction Row, int Line)> Read()
    {
        using var reader = new StreamReader(path);
        var columns = ReadHeader(reader.ReadLine());
        var number = 1;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.Length > 0) yield return (Parse(line.Split('\t'), columns, number), number);
        }
    }

    private Dictionary<string, int> ReadHeader(string? line)
    {
        if (line is null) throw new InvalidInputException($"{path}: is empty; its first line must name the columns");
        var names = line.Split('\t');
        foreach (var needed in new[] { User, Item, Label })
            if (!names.Contains(needed))
                throw new InvalidInputException(
                    $"{path}, line 1: the column '{needed}' is missing; found: {string.Join(", ", names)}; "
                    + $"allowed, separated by tabs: {User}, {Item}, {Label} and, if wanted, {Rating} and {Time}");
        return names.Select((name, i) => (name, i)).DistinctBy(n => n.name).ToDictionary(n => n.name, n => n.i);
    }

    private Interaction Parse(string[] fields, Dictionary<string, int> columns, int line)
    {
        if (fields.Length < columns.Count)
            throw new InvalidInputException($"{path}, line {line}: has {fields.Length} columns where the header names {columns.Count}; separate them by tabs");
        return new Interaction(
            Id(fields[columns[User]], User, line),
            Id(fields[columns[Item]], Item, line),
            columns.TryGetValue(Rating, out var rating) ? Number(fields[rating], Rating, line) : null,
            columns.TryGetValue(Time, out var time) ? Moment(fields[time], line) : null,
            fields[columns[Label]] switch
            {
                "0" => Part.Train,
                "1" => Part.Validation,
                "2" => Part.Test,
                var other => throw Fault(other, Label, line, "0 (train), 1 (validation) or 2 (test)"),
            });
    }

    private int Id(string text, string column, int line) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < int.MaxValue
            ? id
            : throw Fault(text, column, line, "a whole number from 0 to 2147483646");

    private double Number(string text, string column, int line) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw Fault(text, column, line, "a finite number");

    private DateTime Moment(string text, int line)
    {
        var seconds = Number(text, Time, line);
        return seconds is >= 0 and <= LatestSecond
            ? DateTime.UnixEpoch.AddSeconds(seconds)
            : throw Fault(text, Time, line, "seconds since 1970 (are these milliseconds?)");
    }

    private InvalidInputException Fault(string text, string column, int line, string allowed) =>
        new($"{path}, line {line}: {column} is '{text}'; allowed is {allowed}; correct or remove the line");
}
