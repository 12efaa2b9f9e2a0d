using System.Globalization;
using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Paper;

/// <summary>A claim of the paper, counted in its printed tables and in ours.</summary>
internal sealed record ComparedCount(PaperCount Published, PaperCount Ours);

/// <summary>
/// The paper's tables and counts, of data sets that go together: the paper's own with its values beside ours, any other by itself (docs/paper.md#tables).
/// </summary>
/// <param name="Datasets">names of the data sets</param>
/// <param name="IsPaper">whether these are the paper's, so that its values stand beside ours</param>
/// <param name="Tables">those of the five that have something to compare</param>
/// <param name="Counts">the counts that have something to count</param>
/// <param name="Notes">what stands for what, and what is missing, a sentence each</param>
internal sealed record PaperTables(
    IReadOnlyList<string> Datasets, bool IsPaper, IReadOnlyList<PaperTable> Tables, IReadOnlyList<ComparedCount> Counts, IReadOnlyList<string> Notes)
{
    /// <summary>The tables of a study; nothing where no data set has cases to compare.</summary>
    public static IReadOnlyList<PaperTables> Of(Study study)
    {
        var named = study.DataSets.Select(evaluation => new Part(evaluation, PaperNames.DatasetOf(evaluation))).ToList();
        List<Part> paper = [.. named.Where(part => part.PaperName is not null).OrderBy(part => PaperNames.Datasets.ToList().IndexOf(part.PaperName!)).DistinctBy(part => part.PaperName)];
        IEnumerable<List<Part>> groups = [paper, .. named.Except(paper).Select(part => (List<Part>)[part with { PaperName = null }])];
        return [.. groups.Where(parts => parts.Count > 0).Select(Of).Where(tables => tables.Tables.Count > 0)];
    }

    private static PaperTables Of(List<Part> parts)
    {
        var isPaper = parts[0].PaperName is not null;
        var ours = new PaperCells([.. parts.SelectMany(part => StudyCells.Of(part.Evaluation, part.Cases, part.Name).Concat(DataCells.Of(part.Evaluation, part.Cases, part.Name)))]);
        var tables = PaperLayout.All.Where(layout => IsComparison(layout, ours, isPaper)).Select(layout => Table(layout, parts, ours, isPaper)).ToList();
        if (tables.Count > 0) tables.Insert(tables.TakeWhile(table => table.Number < DataCells.Table).Count(), DataTable(parts, ours, isPaper));
        var counts = PaperCounts.Of(PublishedCells.All).Zip(PaperCounts.Of(ours), (published, here) => new ComparedCount(published, here)).Where(count => count.Ours.Of > 0);
        return new PaperTables([.. parts.Select(part => part.Name)], isPaper, tables, [.. counts], [.. Remarks(parts, ours, isPaper)]);
    }

    // Of the paper's data sets one value suffices, which stands beside the printed one.
    private static bool IsComparison(PaperLayout layout, PaperCells ours, bool isPaper)
    {
        var rows = ours.All.Where(cell => cell.Table == layout.Number).Select(cell => cell.Row).ToHashSet();
        return layout.Families.Any(family => family.Count(rows.Contains) >= (isPaper ? 1 : 2));
    }

    private static PaperTable Table(PaperLayout layout, List<Part> parts, PaperCells ours, bool isPaper)
    {
        List<(string Dataset, string Metric)> columns = [.. parts.SelectMany(part => layout.Columns.Select(column => (part.Name, MetricNames.Display(column.Metric.InTables(), column.Cutoff))))];
        var families = layout.Families.Select(family =>
            (IReadOnlyList<ShownCell>[])[.. family.Select(row => (IReadOnlyList<ShownCell>)[.. columns.Select(column => Cell(row, family, column))])]);
        var rows = layout.Families.Zip(families).SelectMany(family => family.First.Zip(family.Second))
            .Select(row => new PaperTableRow(Label(layout, row.First), "0.0000", row.Second)).Where(IsShown).ToList();
        return new PaperTable(layout.Number, layout.Title, columns, rows, string.Join(' ', new[] { layout.Sentence, Empty(rows), Doubtful(rows) }.OfType<string>()));

        ShownCell Cell(PaperRow row, IReadOnlyList<PaperRow> family, (string Dataset, string Metric) column)
        {
            var cell = ours.Find(layout.Number, column.Dataset, row, column.Metric);
            var best = cell is not null && family.All(other => !(ours.Find(layout.Number, column.Dataset, other, column.Metric)?.Value > cell.Value));
            return new ShownCell(cell, isPaper ? PublishedCells.All.Find(layout.Number, column.Dataset, row, column.Metric) : null, best);
        }
    }

    private static PaperTable DataTable(List<Part> parts, PaperCells ours, bool isPaper)
    {
        var rows = DataCells.Quantities.Select(quantity => new PaperTableRow(quantity.Label, quantity.Format,
            [.. parts.Select(part => new ShownCell(ours.Find(DataCells.Table, part.Name, quantity.Row, quantity.Metric),
                isPaper ? PublishedCells.All.Find(DataCells.Table, part.Name, quantity.Row, quantity.Metric) : null, IsBest: false))])).Where(IsShown);
        return new PaperTable(DataCells.Table, "The data", [.. parts.Select(part => (part.Name, ""))], [.. rows],
            "Counted after all filters, over all three splits; lengths of vectors where the features are there." + (isPaper
                ? " The paper dropped items whose picture could not be had; its density of Baby, 0.00012, is a slip for 0.00117. The parameters of an encoder are counted by 'lmmrec models inspect'." : ""));
    }

    private static bool IsShown(PaperTableRow row) => row.Cells.Any(cell => cell.Ours is not null || cell.Published is not null);

    private static string Label(PaperLayout layout, PaperRow row)
    {
        var modality = layout.Columns.Count == 1 || row.Model == "VBPR" ? $" ({row.Modality.Replace('+', '&')})" : "";
        return row.Encoder == PaperNames.Baseline ? row.Model + modality : $"{row.Model}{modality} with {row.Encoder}-{row.Paradigm}";
    }

    private static string? Empty(List<PaperTableRow> rows)
    {
        var (empty, all) = (rows.Sum(row => row.Cells.Count(cell => cell.Ours is null)), rows.Sum(row => row.Cells.Count));
        return empty == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{empty} of {all} cells are empty: this study has no such case.");
    }

    private static string? Doubtful(List<PaperTableRow> rows) => rows.Any(row => row.Cells.Any(cell => cell.Published is { } published && PublishedCells.IsDoubtful(published)))
        ? "A printed value with ? is likely a misprint: its NDCG@10 and Recall do not fit it." : null;

    private static IEnumerable<string> Remarks(List<Part> parts, PaperCells ours, bool isPaper)
    {
        if (isPaper && PaperNames.Datasets.Except(parts.Select(part => part.Name)).ToList() is { Count: > 0 } missing)
            yield return $"This study does not have {string.Join(" and ", missing)}.";
        foreach (var part in parts)
        {
            var encoders = part.Cases.Encoders.Select(encoder => $"{(encoder.Key == PaperNames.Baseline ? "the baseline" : encoder.Key)} is {encoder.Value}");
            yield return $"{part.Name}: {string.Join(", ", encoders)}. {part.Cases.Count} of {part.Evaluation.Cases.Count} cases stand in the tables.";
            if (isPaper && PaperNames.OtherSplitOf(part.Evaluation) is { } split)
                yield return $"{part.Name} is split otherwise here ({split}) than in the paper, which draws 8:1:1 per user: its values cannot be compared with the printed ones.";
        }
        if (PaperCounts.Cases(ours) is > 0 and var cases)
            yield return $"These are {cases} values of Tables 3 and 4 with CLIP or VLMo, of which the paper counts 480; the pre-trained ones stand in both.";
    }

    private sealed record Part(Evaluation Evaluation, string? PaperName)
    {
        public string Name => PaperName ?? Evaluation.Dataset;

        public PaperCases Cases { get; } = new(Evaluation.Cases);
    }
}
