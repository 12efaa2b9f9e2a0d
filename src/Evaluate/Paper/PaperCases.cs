using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Paper;

/// <summary>Which cases of a data set stand in which rows of the paper's tables.</summary>
internal sealed class PaperCases
{
    private readonly Dictionary<PaperRow, MeasuredCase> _rows = [];
    private readonly Dictionary<string, string> _encoders = [];

    /// <summary>
    /// CLIP is the encoder whose name begins with <c>clip</c>, VLMo the one that begins with <c>vlmo</c>, the baseline a pair of encoders of one modality each.
    /// Where there are several, the first by name stands in the rows, and of several seeds the lowest.
    /// </summary>
    public PaperCases(IReadOnlyList<MeasuredCase> cases)
    {
        var trained = cases.Where(c => c.Case is { Encoder: not null, Seed: not null, Control: null }).OrderBy(c => c.Case.Seed).ToList();
        var names = trained.Select(c => c.Case.Encoder!).Distinct().Order(StringComparer.Ordinal).ToList();
        Name(PaperNames.Baseline, names.Find(name => name.Contains('+', StringComparison.Ordinal)));
        Name(PaperNames.Vlmo, names.Find(name => IsLarge(name, "vlmo")));
        Name(PaperNames.Clip, names.Find(name => IsLarge(name, "clip")));
        foreach (var measured in trained)
            if (RowOf(measured.Case) is { } row) _rows.TryAdd(row, measured);
    }

    /// <summary>Our encoder by the paper's name.</summary>
    public IReadOnlyDictionary<string, string> Encoders => _encoders;

    /// <summary>Cases that stand in a row.</summary>
    public int Count => _rows.Count;

    /// <summary>The case that stands in a row; null where there is none.</summary>
    public MeasuredCase? Find(PaperRow row) => _rows.GetValueOrDefault(row);

    private static bool IsLarge(string name, string prefix) => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && !name.Contains('+', StringComparison.Ordinal);

    private void Name(string paper, string? ours)
    {
        if (ours is not null) _encoders[paper] = ours;
    }

    private PaperRow? RowOf(CaseDescription c)
    {
        var model = PaperNames.Models.FirstOrDefault(name => name.Equals(c.Recommender, StringComparison.OrdinalIgnoreCase));
        var encoder = _encoders.FirstOrDefault(e => e.Value == c.Encoder || (e.Key == PaperNames.Baseline && IsHalf(e.Value, c))).Key;
        return model is null || encoder is null || c.Modalities is null ? null
            : new PaperRow(model, encoder, (c.Paradigm ?? PaperNames.Pretrained).ToUpperInvariant(), string.Join('+', c.Modalities.ToUpperInvariant().ToCharArray()));
    }

    // Alone, the encoders of the pair fill one slot each.
    private static bool IsHalf(string pair, CaseDescription c) => pair.Split('+') is [var visual, var textual] && c.Encoder == (c.Modalities == "v" ? visual : textual) && c.Modalities != "vt";
}
