using LmmRec.Artifacts;

namespace LmmRec.Sample;

/// <summary>One purchase with its review.</summary>
/// <param name="ReviewerId">14 characters</param>
/// <param name="Product">what was bought</param>
/// <param name="Stars">1 to 5</param>
/// <param name="Day">when, UTC</param>
/// <param name="Text">what was written</param>
internal sealed record Review(string ReviewerId, Product Product, int Stars, DateOnly Day, string Text);

/// <summary>
/// The shop's customers. Each likes a few values of every attribute and buys by utility = taste + popularity + Gumbel noise (which is drawing
/// from a softmax without replacement). Few purchases per product and strong tastes: who looks at the content ranks better than who does not.
/// </summary>
internal static class Customers
{
    private const int Count = 600;

    // Most buy at least 5 times; these few less, so that a 5-core has something to remove.
    private const int RareBuyers = 15;
    private const int FewestPurchases = 5, MostPurchases = 24;
    private const double MeanExtraPurchases = 3;

    // Weight of a liked value; popularity falls as rank^-PopularitySkew.
    private const double KindWeight = 2.0, ColourWeight = 2.2, ShapeWeight = 2.2, PatternWeight = 1.2, PopularitySkew = 0.55;

    // Shops hold the odd review twice.
    private const int RepeatedReviews = 5;

    private static readonly DateOnly FirstDay = new(2012, 1, 1);
    private const int Days = 900;

    /// <summary>All reviews in the order of the products and then of the days, as in Amazon's files.</summary>
    public static IReadOnlyList<Review> Buy(IReadOnlyList<Product> products, int seed)
    {
        var random = SeededRandom.For(seed, "sample/customers");
        var names = Catalogue.Keys('A', 14, Count, random);
        var popularity = Popularity(products.Count, random);
        var reviews = new List<Review>();
        for (var user = 0; user < Count; user++)
        {
            var taste = new Taste(random);
            var purchases = user < RareBuyers ? 1 + random.NextInt32(FewestPurchases - 1) : FewestPurchases + Geometric(random);
            var chosen = products
                .Select(p => (Product: p, Utility: taste.Of(p) + popularity[p.Index] + Gumbel(random)))
                .OrderByDescending(p => p.Utility)
                .Take(purchases)
                .ToList();
            foreach (var (product, _) in chosen)
            {
                var stars = Math.Clamp(3 + (int)(taste.Of(product) / 2) + random.NextInt32(2) - random.NextInt32(2), 1, 5);
                reviews.Add(new Review(names[user], product, stars, FirstDay.AddDays(random.NextInt32(Days)), Wording.Opinion(product, stars, random)));
            }
        }
        for (var i = 0; i < RepeatedReviews; i++) reviews.Add(reviews[random.NextInt32(reviews.Count)]);
        return [.. reviews.OrderBy(r => r.Product.Asin, StringComparer.Ordinal).ThenBy(r => r.Day).ThenBy(r => r.ReviewerId, StringComparer.Ordinal)];
    }

    private static double[] Popularity(int products, SeededRandom random)
    {
        var ranks = Enumerable.Range(1, products).ToArray();
        random.Shuffle<int>(ranks);
        return [.. ranks.Select(rank => -PopularitySkew * Math.Log(rank))];
    }

    private static int Geometric(SeededRandom random) => Math.Min(
        (int)(Math.Log(1 - random.NextDouble()) / Math.Log(MeanExtraPurchases / (1 + MeanExtraPurchases))), MostPurchases - FewestPurchases);

    private static double Gumbel(SeededRandom random) => -Math.Log(-Math.Log(1 - random.NextDouble()));

    private sealed class Taste(SeededRandom random)
    {
        private readonly HashSet<Kind> _kinds = Likes<Kind>(2, random);
        private readonly HashSet<Colour> _colours = Likes<Colour>(2, random);
        private readonly HashSet<Shape> _shapes = Likes<Shape>(2, random);
        private readonly HashSet<Pattern> _patterns = Likes<Pattern>(2, random);

        public double Of(Product p) =>
            (_kinds.Contains(p.Kind) ? KindWeight : 0) + (_colours.Contains(p.Colour) ? ColourWeight : 0)
            + (_shapes.Contains(p.Shape) ? ShapeWeight : 0) + (_patterns.Contains(p.Pattern) ? PatternWeight : 0);

        private static HashSet<T> Likes<T>(int count, SeededRandom random) where T : struct, Enum
        {
            var values = Enum.GetValues<T>();
            random.Shuffle<T>(values);
            return [.. values[..count]];
        }
    }
}
