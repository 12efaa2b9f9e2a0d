using System.Globalization;
using System.Text.Json.Nodes;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>What the models were trained and measured on.</summary>
internal static class DataSection
{
    private static readonly (string Fact, string What, string Detail)[] Dropped =
    [
        ("otherEvents", "Interactions of other events", "dropped: dataset.interactions.event names those that count"),
        ("belowMinRating", "Interactions with a lower rating or none", "dropped: see dataset.interactions.minRating"),
        ("duplicates", "Repeated interactions", "dropped"),
        ("repeatedPairs", "Further interactions of a user with the same item", "dropped"),
        ("outsideSample", "Interactions outside the sample", "dropped: this is a cut by ingest.sample and not the whole shop"),
        ("duplicateItems", "Repeated rows of items", "the first of an item counts"),
        ("itemsThatNeverOccur", "Item ids that no interaction names", "left out"),
        ("usersWithoutTrainingRows", "Users without training items", "dropped from validation and test"),
    ];

    public static Html Of(HeldOutData data)
    {
        var density = (double)data.Interactions / data.Users.Count / data.Items.Count;
        return Html.Of($"""
            <dl class="tiles">
            {Tile("Users", $"{data.Users.Count:N0}")}
            {Tile("Items", $"{data.Items.Count:N0}")}
            {Tile("Interactions", $"{data.Interactions:N0}")}
            {Tile("Density", $"{100 * density:G3} %")}
            </dl>
            <div class="pair">
            <table>
            {Head.Of(["Split"], ["Interactions", "Users", "Per user"])}
            <tbody>{new[] { Splits.Train, Splits.Validation, Splits.Test }.Select(split => SplitRow(data, split))}</tbody>
            </table>
            <table>
            {Head.Of(["Content"], ["Number"])}
            <tbody>{Content(data)}</tbody>
            </table>
            </div>
            """);
    }

    private static Html Tile(string name, FormattableString value) => Html.Of($"<div><dt>{name}</dt><dd>{Html.Of(value)}</dd></div>");

    private static Html SplitRow(HeldOutData data, string split)
    {
        var users = data[split].UsersWithItems();
        var pairs = data[split].Count;
        var perUser = (double)pairs / Math.Max(1, users.Length);
        return Html.Of($"""
            <tr><th scope="row">{split}</th><td class="number">{pairs:N0}</td>
            <td class="number">{users.Length:N0}</td><td class="number">{perUser:F1}</td></tr>
            """);
    }

    // What was dropped comes from the facts of ingest's manifest; a row that would say 0 is left out.
    private static IEnumerable<Html> Content(HeldOutData data)
    {
        var dropped = Facts(data, "dropped");
        var pictures = Facts(data, "pictures");
        foreach (var (fact, what, detail) in Dropped.Where(row => Count(dropped, row.Fact) > 0)) yield return Row(what, Count(dropped, fact), Html.Of($"{detail}"));
        if (Count(dropped, "coreInteractions") is > 0 and var filtered)
            yield return Row("Interactions dropped by the core filter", filtered,
                Html.Of($"with {Count(dropped, "coreUsers"):N0} users and {Count(dropped, "coreItems"):N0} items"));

        var trained = data[Splits.Train].UsersWithItems().SelectMany(user => data[Splits.Train][user].ToArray()).Distinct().Count();
        yield return Row("Items without training interactions", data.Items.Count - trained, Html.Of($"they stay candidates"));
        yield return Row("Items without a text", data.Catalogue.Count(item => item.Text.Length == 0));
        var left = Count(dropped, "itemsWithoutPicture"); // the pictures' facts count them, too
        if (left > 0)
            yield return Row("Interactions of items left out without a picture", Count(dropped, "interactionsOfItemsWithoutPicture"),
                Html.Of($"with {Count(dropped, "usersOfItemsWithoutPicture"):N0} users"));
        yield return Row(left > 0 ? "Items left out without a picture" : "Items without a picture",
            left > 0 ? left : data.Items.Count - Count(pictures, "ok") - Count(pictures, "kept"), Html.Of($"{string.Join("; ", WithoutPicture(pictures))}"));
        var matrices = Facts(data, "matrices");
        foreach (var (name, _) in matrices) yield return Row($"Feature matrix {name}", Count(matrices, name), Html.Of($"columns"));
    }

    private static IEnumerable<string> WithoutPicture(JsonObject pictures)
    {
        if (Count(pictures, "failed") + Count(pictures, "host-away") is > 0 and var failed) yield return string.Create(CultureInfo.InvariantCulture, $"{failed:N0} could not be fetched or read");
        if (Count(pictures, "opted-out") is > 0 and var optedOut) yield return string.Create(CultureInfo.InvariantCulture, $"{optedOut:N0} whose server forbids automated use");
        if (Count(pictures, "placeholder") is > 0 and var placeholders)
            yield return string.Create(CultureInfo.InvariantCulture, $"{placeholders:N0} have the shop's picture for \"no picture\", told by repetition");
    }

    private static Html Row(string what, long count, Html detail = default) => Html.Of($"""
        <tr><th scope="row">{what}{Html.If(detail.ToString().Length > 0, $"<small>{detail}</small>")}</th><td class="number">{count:N0}</td></tr>
        """);

    private static JsonObject Facts(HeldOutData data, string name) => data.Manifest.Facts[name] as JsonObject ?? [];

    private static long Count(JsonObject facts, string name) => facts[name] is JsonValue value && value.TryGetValue<long>(out var count) ? count : 0;
}
