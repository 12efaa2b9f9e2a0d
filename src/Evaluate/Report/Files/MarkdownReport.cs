using System.Text;
using System.Text.RegularExpressions;

namespace LmmRec.Evaluate.Report.Files;

/// <summary>The report in Markdown.</summary>
internal static partial class MarkdownReport
{
    public static string Of(IReadOnlyList<TextSection> sections)
    {
        var text = new StringBuilder("# Evaluation\n");
        foreach (var section in sections)
        {
            text.Append($"\n## {Escaped(section.Title)}\n");
            foreach (var paragraph in section.Paragraphs) text.Append($"\n{Escaped(paragraph)}\n");
            foreach (var table in section.Tables) Append(text, table);
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, TextTable table)
    {
        text.Append($"\n### {Escaped(table.Title)}\n\n");
        text.Append($"|  | {string.Join(" | ", table.Columns.Select(column => Escaped($"{column.Group} {column.Name}".Trim())))} |\n");
        text.Append($"| --- |{string.Concat(table.Columns.Select(_ => " ---: |"))}\n");
        foreach (var row in table.Rows)
            text.Append($"| {Escaped(row.Label).Replace("  ", "&emsp;", StringComparison.Ordinal)} | {string.Join(" | ", row.Cells.Select(Cell))} |\n");
        text.Append($"\n{Escaped(table.Note)}\n");
    }

    private static string Cell(TextCell cell) => cell.IsBold ? $"**{Escaped(cell.Text)}**" : Escaped(cell.Text);

    private static string Escaped(string text) => Special().Replace(text, @"\$0");

    [GeneratedRegex(@"[\\`*_\[\]<>|#]")]
    private static partial Regex Special();
}
