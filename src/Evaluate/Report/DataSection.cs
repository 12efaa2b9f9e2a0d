using System.Text.Json.Nodes;
using LmmRec.Artifacts.Tables;
using LmmRec.Evaluate.Cases;

namespace LmmRec.Evaluate.Report;

/// <summary>What the models were trained and measured on.</summary>
internal static class DataSection
{
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
            {Head.Of(["Content"], [""])}
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
        if (Count(dropped, "coreInteractions") is > 0 and var filtered)
            yield return Row("Interactions dropped by the core filter", filtered,
                Html.Of($"with {Count(dropped, "coreUsers"):N0} users and {Count(dropped, "coreItems"):N0} items"));
        if (Count(dropped, "duplicates") is > 0 and var repeated) yield return Row("Repeated interactions", repeated, Html.Of($"dropped"));
        if (Count(dropped, "itemsThatNeverOccur") is > 0 and var unused) yield return Row("Item ids that no interaction names", unused, Html.Of($"left out"));
        if (Count(dropped, "usersWithoutTrainingRows") is > 0 and var cold)
            yield return Row("Users without training items", cold, Html.Of($"dropped from validation and test"));

        var trained = data[Splits.Train].UsersWithItems().SelectMany(user => data[Splits.Train][user].ToArray()).Distinct().Count();
        yield return Row("Items without training interactions", data.Items.Count - trained, Html.Of($"they stay candidates"));
        yield return Row("Items without a text", data.Catalogue.Count(item => item.Text.Length == 0));
        var failed = Count(pictures, "failed") + Count(pictures, "host-away");
        if (Count(pictures, "placeholder") is > 0 and var placeholders)
            yield return Row("Items with the shop's picture for \"no picture\"", placeholders, Html.Of($"told by repetition; they count as items without one"));
        yield return Row("Items without a picture", data.Items.Count - Count(pictures, "ok") - Count(pictures, "kept"),
            Html.If(failed > 0, $"{failed:N0} could not be fetched or read"));
        var matrices = Facts(data, "matrices");
        foreach (var (name, _) in matrices) yield return Row($"Feature matrix {name}", Count(matrices, name), Html.Of($"columns"));
    }

    private static Html Row(string what, long count, Html detail = default) => Html.Of($"""
        <tr><th scope="row">{what}{Html.If(detail != default, $"<small>{detail}</small>")}</th><td class="number">{count:N0}</td></tr>
        """);

    private static JsonObject Facts(HeldOutData data, string name) => data.Manifest.Facts[name] as JsonObject ?? [];

    private static long Count(JsonObject facts, string name) => facts[name] is JsonValue value && value.TryGetValue<long>(out var count) ? count : 0;
}
