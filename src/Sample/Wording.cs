using LmmRec.Artifacts;

namespace LmmRec.Sample;

/// <summary>The shop's words: every attribute of a product is said, in varying order, with the punctuation that trips parsers up.</summary>
internal static class Wording
{
    private static readonly string[] Brands =
        ["Hilltop & Daughters", "O'Malley", "Nordåsen", "Café Lumière", "Plain Goods Co.", "Tante Käthe", "Bright Barn", "Little \"Big\" Shop"];

    private static readonly string[] Moods = ["cheerful", "quiet", "sturdy", "light", "hand-finished", "everyday"];

    private static readonly string[] Uses =
        ["for the kitchen table", "for rainy afternoons", "for the children's room", "for a friend who has it all", "for the office", "for holidays by the sea"];

    private static readonly string[] Notes =
        [
            "It's made to last &amp; easy to clean.",
            "Customers say: \"just like the picture\".",
            "Size: 30 cm (12\").\nColours don't fade.",
            "Pack of 1 – gift box included.",
            "Designed by our neighbours' studio; 100% recycled.",
            "Keep away from fire.\n\n\"Don't iron the print\" – the maker's advice.",
            "Weight &lt; 500 g.",
            "Naïve art, very chic: it isn't for everyone \\ but you will love it.",
        ];

    /// <summary>The article's name in the singular, as in "lunch box".</summary>
    public static string NameOf(Kind kind) => kind switch
    {
        Kind.LunchBox => "lunch box",
        Kind.TeaTowel => "tea towel",
        _ => kind.ToString().ToLowerInvariant(),
    };

    public static string Brand(SeededRandom random) => Pick(Brands, random);

    public static string Title(Kind kind, Shape shape, Colour colour, Pattern pattern, SeededRandom random)
    {
        var (k, s, c, p) = Words(kind, shape, colour, pattern);
        return random.NextInt32(4) switch
        {
            0 => Capital($"{p} {c} {s} {k}"),
            1 => Capital($"{k} with {c} {s}, {p}"),
            2 => $"{Capital(k)}, {p} {s} in {c}",
            _ => $"The children's {k}: {c} {p} {s}",
        };
    }

    public static string Description(Kind kind, Shape shape, Colour colour, Pattern pattern, SeededRandom random)
    {
        var (k, s, c, p) = Words(kind, shape, colour, pattern);
        var mood = Pick(Moods, random);
        var article = mood[0] == 'e' ? "An" : "A";
        return $"{article} {mood} {k} {Pick(Uses, random)}. It shows a large {s} in {c}, {p}. {Pick(Notes, random)}";
    }

    public static string[][] Categories(Kind kind, SeededRandom random)
    {
        string[] main = kind switch
        {
            Kind.Mug => ["Home & Kitchen", "Tableware", "Mugs"],
            Kind.LunchBox => ["Home & Kitchen", "Storage", "Lunch Boxes"],
            Kind.TeaTowel => ["Home & Kitchen", "Linen", "Tea Towels"],
            Kind.Cushion => ["Home & Kitchen", "Linen", "Cushions"],
            Kind.Kite => ["Toys & Games", "Outdoor Play", "Kites"],
            _ => ["Office", "Paper", "Notebooks"],
        };
        return random.NextInt32(5) == 0 ? [main, ["Gifts", "Under 20"]] : [main];
    }

    public static string Opinion(Product product, double stars, SeededRandom random) => random.NextInt32(3) switch
    {
        0 => $"{(stars >= 4 ? "Lovely" : "Not quite my")} {NameOf(product.Kind)}.",
        1 => $"I didn't expect the {product.Colour.ToString().ToLowerInvariant()} to be so bright.\nFine \"for the price\".",
        _ => "Bought it for my niece's birthday.",
    };

    private static (string Kind, string Shape, string Colour, string Pattern) Words(Kind kind, Shape shape, Colour colour, Pattern pattern) =>
        (NameOf(kind), shape.ToString().ToLowerInvariant(), colour.ToString().ToLowerInvariant(), pattern.ToString().ToLowerInvariant());

    private static string Pick(string[] words, SeededRandom random) => words[random.NextInt32(words.Length)];

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
