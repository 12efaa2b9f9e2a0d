using LmmRec.Artifacts;

namespace LmmRec.Sample;

/// <summary>The shop's products, drawn from a seed: attributes uniform and independent, texts that say them, and a few gaps like any shop has.</summary>
internal static class Catalogue
{
    private const int Products = 300;
    private const string Base36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    // How many products lack something, and how many pictures misbehave (the rest is served).
    private const int WithoutTitle = 3, WithoutBrand = 12, WithoutDescription = 10, WithoutPrice = 15;
    private static readonly (PictureAnswer Answer, int Count)[] OddPictures =
        [(PictureAnswer.BusyOnce, 5), (PictureAnswer.BusyTwice, 3), (PictureAnswer.Gone, 3), (PictureAnswer.Garbled, 1), (PictureAnswer.None, 1)];

    public static IReadOnlyList<Product> Make(int seed)
    {
        var attributes = SeededRandom.For(seed, "sample/attributes");
        var words = SeededRandom.For(seed, "sample/words");
        var asins = Keys('B', 10, Products, SeededRandom.For(seed, "sample/asins"));
        var gaps = SeededRandom.For(seed, "sample/gaps");
        var noTitle = Some(WithoutTitle, gaps);
        var noBrand = Some(WithoutBrand, gaps);
        var noDescription = Some(WithoutDescription, gaps);
        var noPrice = Some(WithoutPrice, gaps);
        var pictures = Pictures(gaps);

        return [.. Enumerable.Range(0, Products).Select(i =>
        {
            var kind = Draw<Kind>(attributes);
            var shape = Draw<Shape>(attributes);
            var colour = Draw<Colour>(attributes);
            var pattern = Draw<Pattern>(attributes);
            var title = Wording.Title(kind, shape, colour, pattern, words);
            var brand = Wording.Brand(words);
            var description = Wording.Description(kind, shape, colour, pattern, words);
            return new Product(i, asins[i], kind, shape, colour, pattern,
                noTitle.Contains(i) ? null : title,
                noBrand.Contains(i) ? null : brand,
                noDescription.Contains(i) ? null : description,
                Wording.Categories(kind, words),
                noPrice.Contains(i) ? null : Math.Round(4 + 30 * words.NextDouble(), 2),
                pictures[i]);
        })];
    }

    /// <summary>Distinct keys of <paramref name="length"/> letters and digits that begin with <paramref name="first"/>.</summary>
    public static string[] Keys(char first, int length, int count, SeededRandom random)
    {
        var keys = new HashSet<string>();
        while (keys.Count < count)
            keys.Add(string.Create(length, random, (span, r) =>
            {
                span[0] = first;
                for (var i = 1; i < span.Length; i++) span[i] = Base36[r.NextInt32(Base36.Length)];
            }));
        return [.. keys];
    }

    private static T Draw<T>(SeededRandom random) where T : struct, Enum
    {
        var values = Enum.GetValues<T>();
        return values[random.NextInt32(values.Length)];
    }

    private static HashSet<int> Some(int count, SeededRandom random) => [.. Shuffled(random)[..count]];

    private static PictureAnswer[] Pictures(SeededRandom random)
    {
        var answers = new PictureAnswer[Products];
        var next = 0;
        var order = Shuffled(random);
        foreach (var (answer, count) in OddPictures)
            for (var i = 0; i < count; i++) answers[order[next++]] = answer;
        return answers;
    }

    private static int[] Shuffled(SeededRandom random)
    {
        var order = Enumerable.Range(0, Products).ToArray();
        random.Shuffle<int>(order);
        return order;
    }
}
