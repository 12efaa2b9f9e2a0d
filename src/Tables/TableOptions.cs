using System.ComponentModel.DataAnnotations;
using LmmRec.Artifacts.Configuration;

namespace LmmRec.Tables;

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
