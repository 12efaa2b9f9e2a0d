using System.Text;

namespace LmmRec.Evaluate.Report.Files;

/// <summary>The tables of the report in LaTeX: a document that compiles by itself, each table to be copied from it.</summary>
internal static class LatexReport
{
    public static string Of(IReadOnlyList<TextSection> sections)
    {
        var text = new StringBuilder("""
            % Tables for a paper: booktabs and longtable, nothing else.
            \documentclass[10pt,landscape,a4paper]{article}
            \usepackage[utf8]{inputenc}
            \usepackage[T1]{fontenc}
            \usepackage{textcomp}
            \usepackage[landscape,margin=12mm]{geometry}
            \usepackage{booktabs}
            \usepackage{longtable}
            \setlength{\tabcolsep}{3pt}
            \setlength{\LTcapwidth}{\textwidth}
            \begin{document}
            \footnotesize

            """);
        foreach (var section in sections)
            foreach (var table in section.Tables) Append(text, section.Title, table);
        return text.Append("\\end{document}\n").ToString();
    }

    private static void Append(StringBuilder text, string section, TextTable table)
    {
        var groups = Groups(table.Columns);
        text.Append($"\n\\begin{{longtable}}{{l{new string('r', table.Columns.Count)}}}\n");
        text.Append($"\\caption{{{Escaped($"{section}. {table.Title}.")} {Escaped(table.Note)}}}\\\\\n\\toprule\n");
        if (table.Columns.Any(column => column.Group.Length > 0))
            text.Append($" & {string.Join(" & ", groups.Select(group => $@"\multicolumn{{{group.Count}}}{{c}}{{{Escaped(group.Name)}}}"))} \\\\\n");
        if (table.Columns.Any(column => column.Name.Length > 0))
            text.Append($" & {string.Join(" & ", table.Columns.Select(column => Escaped(column.Name)))} \\\\\n");
        text.Append("\\midrule\n\\endhead\n\\bottomrule\n\\endfoot\n");
        foreach (var row in table.Rows)
            text.Append($"{Escaped(row.Label).Replace("  ", @"\quad ", StringComparison.Ordinal)} & {string.Join(" & ", row.Cells.Select(Cell))} \\\\\n");
        text.Append("\\end{longtable}\n");
    }

    private static List<(string Name, int Count)> Groups(IReadOnlyList<(string Group, string Name)> columns)
    {
        var groups = new List<(string Name, int Count)>();
        foreach (var (group, _) in columns)
            if (groups.Count > 0 && groups[^1].Name == group) groups[^1] = (group, groups[^1].Count + 1);
            else groups.Add((group, 1));
        return groups;
    }

    private static string Cell(TextCell cell) => cell.IsBold ? $@"\textbf{{{Escaped(cell.Text)}}}" : Escaped(cell.Text);

    private static string Escaped(string text) => string.Concat(text.Select(character => character switch
    {
        '\\' => @"\textbackslash{}",
        '~' => @"\textasciitilde{}",
        '^' => @"\textasciicircum{}",
        '&' or '%' or '$' or '#' or '_' or '{' or '}' => $"\\{character}",
        '<' or '>' => $"${character}$",
        '−' => "$-$",
        '\u00A0' => "~",
        _ => $"{character}",
    }));
}
