using System.Globalization;
using LmmRec.Artifacts;

namespace LmmRec.EndToEnd;

/// <summary>Purchases of a made-up shop's customers, drawn from a seed: each likes two kinds of product and now and then buys something else.</summary>
internal static class Purchases
{
    private const int Customers = 800, LeastEach = 8, MostEach = 25, BuyersEach = 6;
    private const double FromLiked = 0.8;

    private static readonly DateTime Opening = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Writes <c>customer,product,bought_at</c> in the order of time.</summary>
    /// <param name="path">the file</param>
    /// <param name="products">ids and kinds; each product finds at least six buyers</param>
    /// <param name="seed">which purchases</param>
    public static void Write(string path, IReadOnlyList<(string Id, string Kind)> products, long seed)
    {
        var random = SeededRandom.For(seed, "purchases");
        var kinds = products.GroupBy(product => product.Kind).Select(group => group.Select(product => product.Id).ToList()).ToList();
        var bought = new HashSet<(int Customer, string Product)>();
        for (var customer = 0; customer < Customers; customer++)
        {
            var liked = new[] { kinds[random.NextInt32(kinds.Count)], kinds[random.NextInt32(kinds.Count)] };
            for (var n = LeastEach + random.NextInt32(MostEach - LeastEach); n > 0; n--)
            {
                var kind = random.NextDouble() < FromLiked ? liked[random.NextInt32(2)] : kinds[random.NextInt32(kinds.Count)];
                bought.Add((customer, kind[random.NextInt32(kind.Count)]));
            }
        }
        foreach (var (id, _) in products)
            for (var n = 0; n < BuyersEach; n++) bought.Add((random.NextInt32(Customers), id));

        var rows = bought.Select(purchase => (purchase, At: Opening.AddMinutes(random.NextInt32(500_000)))).OrderBy(row => row.At).ThenBy(row => row.purchase);
        File.WriteAllLines(path, rows.Select(row => $"C{row.purchase.Customer:D4},{row.purchase.Product},{row.At.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}").Prepend("customer,product,bought_at"));
    }
}
