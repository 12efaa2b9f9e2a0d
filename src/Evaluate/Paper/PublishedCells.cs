using System.Globalization;

namespace LmmRec.Evaluate.Paper;

/// <summary>The values of the paper's tables as they were printed, from <c>paper.csv</c> (docs/paper.md#what-its-numbers-say).</summary>
internal static class PublishedCells
{
    private const double SmallestRatio = 1.16; // of NDCG@20 to NDCG@10 in all other rows

    /// <summary>All of them, misprints included.</summary>
    public static PaperCells All { get; } = Read();

    /// <summary>Whether a value is likely a misprint: NDCG@20 is hardly above NDCG@10, less than in any other row (docs/paper.md#what-its-numbers-say).</summary>
    public static bool IsDoubtful(PaperCell published) =>
        published.Metric == "NDCG@20" && All.Find(published.Table, published.Dataset, published.Row, "NDCG@10") is { } smaller && published.Value / smaller.Value < SmallestRatio;

    private static PaperCells Read()
    {
        using var reader = new StreamReader(typeof(PublishedCells).Assembly.GetManifestResourceStream("paper.csv")!);
        return new PaperCells([.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => Cell(line.Split(',')))]);
    }

    private static PaperCell Cell(string[] fields) => new(
        int.Parse(fields[0], CultureInfo.InvariantCulture), fields[1], new PaperRow(fields[2], fields[3], fields[4], fields[5]), fields[6],
        double.Parse(fields[7], CultureInfo.InvariantCulture), fields[8] switch { "" => null, var star => star == "1" });
}
