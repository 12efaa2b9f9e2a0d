namespace LmmRec.Evaluate.Paper;

/// <summary>A claim of the paper, counted in cells by its own definition.</summary>
/// <param name="Question">1 to 3, of RQ1 to RQ3</param>
/// <param name="What">what is counted</param>
/// <param name="Printed">what the paper's text says of it</param>
/// <param name="Count">cells of which it holds</param>
/// <param name="Of">cells that there are to compare</param>
internal sealed record PaperCount(int Question, string What, string Printed, int Count, int Of);

/// <summary>The counts by which the paper answers its questions, of its printed cells or of ours (docs/paper.md#what-its-numbers-say).</summary>
internal static class PaperCounts
{
    private static readonly IReadOnlyList<string> Large = [PaperNames.Vlmo, PaperNames.Clip];

    /// <summary>All counts; <see cref="PaperCount.Of"/> is 0 where there is nothing to compare.</summary>
    public static IReadOnlyList<PaperCount> Of(PaperCells cells)
    {
        var pretrained = Pairs(cells, 3, Large, row => row with { Encoder = PaperNames.Baseline });
        var tuned = Pairs(cells, 4, Large, row => row with { Paradigm = PaperNames.Pretrained }, PaperNames.FineTuned);
        var trainedClip = Pairs(cells, 4, [PaperNames.Clip], row => row with { Paradigm = PaperNames.FineTuned }, PaperNames.EndToEnd);
        var trainedVlmo = Pairs(cells, 4, [PaperNames.Vlmo], row => row with { Paradigm = PaperNames.FineTuned }, PaperNames.EndToEnd);
        return
        [
            Count(1, "pre-trained CLIP and VLMo above the baseline, with a star", "79 % of 120", pretrained, p => p.IsHigher && p.Cell.Star == true),
            Count(1, "the same without LATTICE", "–", Without("LATTICE", pretrained), p => p.IsHigher && p.Cell.Star == true),
            Count(1, "LATTICE: below the baseline", "all", Only("LATTICE", pretrained), p => p.IsLower),
            Count(1, "MMGCN on Baby: below the baseline", "four of five models gain", Only("MMGCN", pretrained).Where(p => p.Cell.Dataset == "Baby"), p => p.IsLower),
            Count(2, "fine-tuned above pre-trained", "70 % of 240", tuned, p => p.IsHigher),
            Count(2, "the same, with a star at pre-trained", "–", tuned, p => p.IsHigher && p.Other.Star == true),
            Count(2, "MMGCL on Clothing: fine-tuned above pre-trained", "none", Only("MMGCL", tuned).Where(p => p.Cell.Dataset == "Clothing"), p => p.IsHigher),
            Count(2, "LATTICE: fine-tuned below pre-trained", "on all three data sets", Only("LATTICE", tuned), p => p.IsLower),
            Count(2, "CLIP: end to end above fine-tuned", "83 %", trainedClip, p => p.IsHigher),
            Count(2, "of these with a star at fine-tuned", "98 %", trainedClip.Where(p => p.IsHigher), p => p.Other.Star == true),
            Count(2, "VBPR with CLIP: end to end below fine-tuned", "all five models gain", Only("VBPR", trainedClip), p => p.IsLower),
            Count(2, "VLMo: end to end above fine-tuned", "no similar gain", trainedVlmo, p => p.IsHigher),
            Count(3, "baseline: both modalities above visual alone", "both are worse", Fused(cells, 1, PaperNames.Visual), p => p.IsHigher),
            Count(3, "baseline: both modalities above textual alone", "both are worse", Fused(cells, 1, PaperNames.Textual), p => p.IsHigher),
            Count(3, "CLIP end to end: both modalities above one alone", "all", Alone(cells), p => p.IsHigher),
            Count(3, "of these with a star at one alone", "–", Alone(cells).Where(p => p.IsHigher), p => p.Other.Star == true),
        ];
    }

    /// <summary>Cells of Tables 3 and 4 with CLIP or VLMo, the pre-trained ones in both, as the paper counts its cases: 480.</summary>
    public static int Cases(PaperCells cells) =>
        cells.All.Count(cell => cell.Table is 3 or 4 && Large.Contains(cell.Row.Encoder) && cell.Row.Modality == PaperNames.ModalityOf(cell.Row.Model));

    private static PaperCount Count(int question, string what, string printed, IEnumerable<Pair> pairs, Func<Pair, bool> holds)
    {
        var all = pairs.ToList();
        return new PaperCount(question, what, printed, all.Count(holds), all.Count);
    }

    // The main rows alone: VBPR on both modalities, which the paper does not have, counts nowhere.
    private static List<Pair> Pairs(PaperCells cells, int table, IReadOnlyList<string> encoders, Func<PaperRow, PaperRow> other, string paradigm = PaperNames.Pretrained) =>
    [
        .. from cell in cells.All
           where cell.Table == table && encoders.Contains(cell.Row.Encoder) && cell.Row.Paradigm == paradigm && cell.Row.Modality == PaperNames.ModalityOf(cell.Row.Model)
           let found = cells.Find(table, cell.Dataset, other(cell.Row), cell.Metric)
           where found is not null
           select new Pair(cell, found),
    ];

    private static IEnumerable<Pair> Fused(PaperCells cells, int table, string modality) =>
        from cell in cells.All
        where cell.Table == table && cell.Row.Modality == PaperNames.Both
        let found = cells.Find(table, cell.Dataset, cell.Row with { Modality = modality }, cell.Metric)
        where found is not null
        select new Pair(cell, found);

    private static List<Pair> Alone(PaperCells cells) => [.. Fused(cells, 5, PaperNames.Visual), .. Fused(cells, 5, PaperNames.Textual)];

    private static IEnumerable<Pair> Only(string model, IEnumerable<Pair> pairs) => pairs.Where(pair => pair.Cell.Row.Model == model);

    private static IEnumerable<Pair> Without(string model, IEnumerable<Pair> pairs) => pairs.Where(pair => pair.Cell.Row.Model != model);

    /// <summary>A cell and the one that it is compared with.</summary>
    private sealed record Pair(PaperCell Cell, PaperCell Other)
    {
        public bool IsHigher => Cell.Value > Other.Value;

        public bool IsLower => Cell.Value < Other.Value;
    }
}
