namespace LmmRec.Evaluate.Paper;

/// <summary>The cells of Table 2: how large a data set is.</summary>
internal static class DataCells
{
    public const int Table = 2;

    /// <summary>The rows: the name in the paper's values, how people read it, and how its values are written.</summary>
    public static IReadOnlyList<(string Name, string Label, string Format)> Quantities { get; } =
        [("users", "Users", "#,0"), ("items", "Items", "#,0"), ("interactions", "Interactions", "#,0"), ("density", "Density of interactions", "0.00000")];

    /// <summary>Whose quantities they are: nobody's but the data set's.</summary>
    public static PaperRow Row { get; } = new("", "", "", "");

    /// <summary>What was counted in a data set.</summary>
    public static IEnumerable<PaperCell> Of(Evaluation evaluation, string dataset)
    {
        var data = evaluation.Data;
        double[] values = [data.Users.Count, data.Items.Count, data.Interactions, (double)data.Interactions / data.Users.Count / data.Items.Count];
        return Quantities.Zip(values, (quantity, value) => new PaperCell(Table, dataset, Row, quantity.Name, value, null));
    }
}
