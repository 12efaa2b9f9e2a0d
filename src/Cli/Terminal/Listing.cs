using Spectre.Console;

namespace LmmRec.Cli.Terminal;

/// <summary>Rows under headings on standard output: as a table where the terminal is wide enough for one, else a paragraph per row.</summary>
internal static class Listing
{
    private const int NarrowestText = 24, Padding = 3;

    /// <summary>Shows rows of a name and sentences; the last column may be wrapped.</summary>
    public static void OfTexts(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows) => Show(headings, rows, numbers: false);

    /// <summary>Shows rows of a name and numbers, which are not wrapped: nobody reads a number in pieces.</summary>
    public static void OfNumbers(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows) => Show(headings, rows, numbers: true);

    private static void Show(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows, bool numbers)
    {
        rows = [.. rows.Select(row => row.Select(Printable.Of).ToList())];
        var widths = headings.Select((heading, c) => rows.Select(row => Fitting.Width(row[c])).Append(Fitting.Width(heading)).Max() + Padding).ToList();
        var width = Screen.Output.Profile.Width;
        if (widths[..^1].Sum() + Math.Min(widths[^1], numbers ? int.MaxValue : NarrowestText) <= width)
        {
            ShowTable(headings, rows, numbers ? Justify.Right : Justify.Left);
            return;
        }
        foreach (var row in rows)
        {
            var cells = headings.Zip(row).Skip(1).Where(cell => cell.Second.Length > 0).Select(cell => numbers ? $"{cell.First} {cell.Second}" : cell.Second);
            foreach (var line in Fitting.Wrap($"{row[0]}: {string.Join(", ", cells)}", width)) Console.Out.WriteLine(line);
        }
    }

    private static void ShowTable(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows, Justify alignment)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var (c, heading) in headings.Index())
            table.AddColumn(new TableColumn(Markup.Escape(heading)) { Alignment = c == 0 ? Justify.Left : alignment, NoWrap = c < headings.Count - 1 });
        foreach (var row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        Screen.Output.Write(table);
    }
}
