namespace LmmRec.Evaluate.Paper;

/// <summary>A row of Table 2.</summary>
/// <param name="Row">whose quantity it is: an encoder's in a modality; nobody's but the data set's where both are empty</param>
/// <param name="Metric">its name among the paper's values</param>
/// <param name="Label">how people read it</param>
/// <param name="Format">how its values are written</param>
internal sealed record Quantity(PaperRow Row, string Metric, string Label, string Format);

/// <summary>The cells of Table 2: how large a data set is, and how large its encoders.</summary>
internal static class DataCells
{
    public const int Table = 2;

    // The parts of the baseline, as Table 2 calls them.
    private const string Cnn = "CNN", Sentences = "SentenceTransformer";

    private static readonly string[] Encoders = [PaperNames.Baseline, PaperNames.Clip, PaperNames.Vlmo];

    public static IReadOnlyList<Quantity> Quantities { get; } =
    [
        OfData("users", "Users", "#,0"), OfData("items", "Items", "#,0"), OfData("interactions", "Interactions", "#,0"), OfData("density", "Density of interactions", "0.00000"),
        .. new[] { Cnn, PaperNames.Clip, PaperNames.Vlmo }.Select(encoder => new Quantity(RowOf(encoder, PaperNames.Visual), "visual_dim", $"Values of a visual vector, {encoder}", "#,0")),
        .. new[] { Sentences, PaperNames.Clip, PaperNames.Vlmo }.Select(encoder => new Quantity(RowOf(encoder, PaperNames.Textual), "textual_dim", $"Values of a textual vector, {encoder}", "#,0")),
        .. Encoders.Select(encoder => new Quantity(RowOf(encoder, PaperNames.Both), "parameters_million", $"Parameters in millions, {encoder}", "#,0.#")),
    ];

    /// <summary>What was counted in a data set, and of encoders whose features are there.</summary>
    public static IEnumerable<PaperCell> Of(Evaluation evaluation, PaperCases cases, string dataset) =>
        from quantity in Quantities
        let value = ValueOf(quantity, evaluation, cases)
        where value is not null
        select new PaperCell(Table, dataset, quantity.Row, quantity.Metric, value.Value, null);

    private static double? ValueOf(Quantity quantity, Evaluation evaluation, PaperCases cases)
    {
        var (data, sizes) = (evaluation.Data, NameOf(quantity.Row.Encoder, cases)?.Split('+').Select(name => evaluation.Encoders.GetValueOrDefault(name)).ToList() ?? []);
        return quantity.Metric switch
        {
            "users" => data.Users.Count,
            "items" => data.Items.Count,
            "interactions" => data.Interactions,
            "density" => (double)data.Interactions / data.Users.Count / data.Items.Count,
            "visual_dim" => sizes is [{ } size] ? size.Visual : null,
            "textual_dim" => sizes is [{ } size] ? size.Textual : null,
            _ => sizes.Count > 0 ? sizes.Aggregate((long?)0, (sum, size) => sum + size?.Parameters) / 1e6 : null,
        };
    }

    private static string? NameOf(string encoder, PaperCases cases) => encoder switch
    {
        Cnn => cases.Encoders.GetValueOrDefault(PaperNames.Baseline)?.Split('+')[0],
        Sentences => cases.Encoders.GetValueOrDefault(PaperNames.Baseline)?.Split('+')[1],
        _ => cases.Encoders.GetValueOrDefault(encoder),
    };

    private static Quantity OfData(string metric, string label, string format) => new(RowOf("", ""), metric, label, format);

    private static PaperRow RowOf(string encoder, string modality) => new("", encoder, "", modality);
}
