using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts.Configuration;
using LmmRec.Ingest.Interactions;

namespace LmmRec.Ingest.Tables;

/// <summary>The forms of a table's files.</summary>
public enum TableFormat
{
    /// <summary>Cells apart by a comma, a semicolon, a tab or a bar, quoted where they hold it.</summary>
    Csv,

    /// <summary>Cells apart by tabs.</summary>
    Tsv,

    /// <summary>One JSON object a line.</summary>
    Jsonl,

    /// <summary>Parquet, of whatever tool.</summary>
    Parquet,
}

/// <summary>A table in files of the user. Every option changes the output.</summary>
public abstract record TableOptions : IChecked
{
    /// <summary>
    /// The files, from the data folder on (<c>--data</c>): one name or several, each of which may hold <c>*</c> and <c>?</c>, such as
    /// <c>orders/2024-*.csv.gz</c>. They are read in the order of their names. Packed by gzip or zstd or plain; told by their content.
    /// </summary>
    [Required, MinLength(1), OneOrMore]
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Their form. Default: told by the first file's content.</summary>
    public TableFormat? Format { get; init; }

    /// <summary>What parts the cells of a CSV file: one character. Default: the one of comma, semicolon, tab and bar that the first line holds most.</summary>
    public string? Separator { get; init; }

    /// <summary>Whether a CSV file's first line names its columns; else they are called "1", "2" and so on. Default: true.</summary>
    public bool Header { get; init; } = true;

    /// <summary>Whether a CSV file's cells may stand in double quotes. Default: true. False for files where a quote is a character like any other.</summary>
    public bool Quotes { get; init; } = true;

    /// <summary>What parts the values of a list within a cell, such as "|". Default: none; lists in JSON's or Python's brackets are read without.</summary>
    [MinLength(1)]
    public string? ListSeparator { get; init; }

    /// <inheritdoc/>
    public virtual IEnumerable<(string Key, string Fault)> Faults()
    {
        if (Separator is not null && (Separator.Length != 1 || Separator[0] is '"' or '\r' or '\n'))
            yield return ("separator", $"\"{Separator}\" must be one character, neither a quote nor a line end, such as \";\" or \"\\t\"");
        if (Files.Any(file => file.Length == 0 || file.Contains('\0', StringComparison.Ordinal))) yield return ("files", "an empty name is no file");
    }

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Why)> Unused()
    {
        if (Format is not (TableFormat.Jsonl or TableFormat.Parquet)) yield break;
        foreach (var key in new[] { "separator", "header", "quotes" }) yield return (key, "only CSV and TSV have it");
    }
}

/// <summary>The table of items: the section <c>dataset.items</c>.</summary>
public sealed record ItemTableOptions : TableOptions
{
    /// <summary>Which column holds what.</summary>
    [Required]
    public ItemColumns Columns { get; init; } = new();

    /// <summary>
    /// Pictures in a folder, from the data folder on, such as <c>images/{id}.jpg</c>; the name may end in <c>.*</c> for any ending. The folder is listed
    /// and its names are matched to the items' ids. Such a picture comes before those of <see cref="ItemColumns.Image"/>. Default: none.
    /// </summary>
    public string? Images { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<(string Key, string Fault)> Faults()
    {
        foreach (var fault in base.Faults()) yield return fault;
        if (Images is not null && PictureFolder.FaultOf(Images) is { } wrong) yield return ("images", wrong);
    }
}

/// <summary>The columns of the items' table by their names in the files; a field within another is named with a dot, such as <c>details.brand</c>.</summary>
public sealed record ItemColumns
{
    /// <summary>The shop's own id of the item. Of several rows with one id the first counts.</summary>
    [Required]
    public string Id { get; init; } = "";

    /// <summary>Default: none, as for those below.</summary>
    public string? Title { get; init; }

    public string? Brand { get; init; }

    /// <summary>One column, of one category or a list, or several columns.</summary>
    [OneOrMore]
    public IReadOnlyList<string> Categories { get; init; } = [];

    public string? Description { get; init; }

    /// <summary>
    /// One column, of one picture or a list, or several columns: http(s) addresses, or paths from the data folder on. The first that can be had is
    /// taken.
    /// </summary>
    [OneOrMore]
    public IReadOnlyList<string> Image { get; init; } = [];
}

/// <summary>The table of interactions: the section <c>dataset.interactions</c>.</summary>
public sealed record InteractionTableOptions : TableOptions
{
    /// <summary>Which column holds what.</summary>
    [Required]
    public InteractionColumns Columns { get; init; } = new();

    /// <summary>The values of the event column that count, such as <c>["purchase"]</c>. Default: all.</summary>
    [OneOrMore]
    public IReadOnlyList<string> Event { get; init; } = [];

    /// <summary>Rows with a smaller rating, or none, do not count. Default: all count.</summary>
    public double? MinRating { get; init; }

    /// <summary>The unit of times that are numbers. Default: auto, by their size.</summary>
    public TimeUnit TimeUnit { get; init; } = TimeUnit.Auto;

    /// <inheritdoc/>
    public override IEnumerable<(string Key, string Fault)> Faults()
    {
        foreach (var fault in base.Faults()) yield return fault;
        if (Event.Count > 0 && Columns.Event is null) yield return ("event", "needs columns.event, the column whose values these are");
        if (MinRating is not null && Columns.Rating is null) yield return ("minRating", "needs columns.rating, the column that holds the ratings");
    }
}

/// <summary>The columns of the interactions' table by their names in the files.</summary>
public sealed record InteractionColumns
{
    /// <summary>The shop's own id of the user.</summary>
    [Required]
    public string User { get; init; } = "";

    /// <summary>The shop's own id of the item.</summary>
    [Required]
    public string Item { get; init; } = "";

    /// <summary>A number such as stars. Default: none, as for those below.</summary>
    public string? Rating { get; init; }

    /// <summary>When it happened: seconds, milliseconds or microseconds since 1970, or ISO 8601.</summary>
    public string? Time { get; init; }

    /// <summary>What happened, such as view or purchase.</summary>
    public string? Event { get; init; }
}
