using System.Globalization;
using System.Text.RegularExpressions;
using LmmRec.Ingest.Interactions;

namespace LmmRec.Ingest.Tables.Guessing;

/// <summary>A column's first values, and what they look like.</summary>
/// <param name="name">the column's name</param>
/// <param name="rows">the values by row; empty where a row has none</param>
/// <param name="isList">whether a cell is a list by the file's form</param>
internal sealed partial class ColumnSample(string name, IReadOnlyList<string> rows, bool isList)
{
    private static readonly DateTime Earliest = new(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc), Latest = new(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly List<string> _values = [.. rows.Where(value => value.Length > 0)];

    public string Name => name;

    public IReadOnlyList<string> Rows => rows;

    public bool IsList => isList;

    /// <summary>The different values.</summary>
    public HashSet<string> Distinct { get; } = [.. rows.Where(value => value.Length > 0)];

    /// <summary>Whether each row has a value of its own, but for a few repeated rows.</summary>
    public bool IsKey => !isList && _values.Count == rows.Count && Distinct.Count >= 0.95 * rows.Count;

    /// <summary>Words in a value, on average.</summary>
    public double Words => _values.Count == 0 ? 0 : _values.Average(value => value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length);

    public bool HoldsTimes => Most(value => Moment.Parse(value) is { } time && time >= Earliest && time < Latest);

    public bool HoldsNumbers => Most(value => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number));

    /// <summary>Whether the values are addresses or paths of pictures, of any form.</summary>
    public bool HoldsPictures => Most(value => PictureName().IsMatch(value));

    /// <summary>The endings of pictures of forms that are not decoded.</summary>
    public IEnumerable<string> ForeignPictures => _values.Select(value => PictureName().Match(value)).Where(match => match.Groups["foreign"].Success).Select(match => match.Value.ToLowerInvariant()).Distinct();

    public bool HoldsAddresses => Most(value => value.Contains("http://", StringComparison.Ordinal) || value.Contains("https://", StringComparison.Ordinal));

    private bool Most(Predicate<string> fits) => _values.Count > 0 && _values.Count(value => fits(value)) >= 0.9 * _values.Count;

    [GeneratedRegex(@"\.(jpe?g|png|webp|gif|(?<foreign>tiff?|bmp|avif|hei[cf]|jxl|svg))\b", RegexOptions.IgnoreCase)]
    private static partial Regex PictureName();
}
