using LmmRec.Artifacts;
using LmmRec.Dense;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tests.Tuning;

public sealed class HardNegativesTests
{
    private const int Count = 300, Width = 12;

    // Copies of pair 2 k are planted as pair 2 k + 1: by picture, text, words, or the picture's vector.
    private static readonly string[] Texts = [.. Enumerable.Range(0, Count).Select(Text)];
    private static readonly Pair[] Pairs = [.. Enumerable.Range(0, Count).Select(i => new Pair(i, (UInt128)(Planted(i) == 0 ? i - 1 : i), (UInt128)(1000 + (Planted(i) == 1 ? i - 1 : i))))];
    private static readonly (float[] Images, float[] Texts) Vectors = Draw();
    private static readonly int[] All = [.. Enumerable.Range(0, Count)];

    [Fact]
    public void Planted_duplicates_and_near_duplicates_are_never_mined()
    {
        var hard = Mine(5);
        for (var i = 0; i < 200; i += 2)
        {
            Assert.True(hard.AreNear(i, i + 1) && hard.AreNear(i + 1, i), $"{i}: {Planted(i + 1)}");
            Assert.DoesNotContain(i + 1, hard.Of(i));
            Assert.DoesNotContain(i, hard.Of(i + 1));
        }
    }

    [Fact]
    public void Without_the_guard_the_planted_ones_would_have_been_the_nearest()
    {
        var cosines = new Cosines(Vectors.Images, Vectors.Texts, Width);
        Assert.InRange(All.Where(i => i < 200).Count(i => All.Where(j => j != i).MaxBy(j => cosines.Of(i, j)) == (i ^ 1)), 150, 200);
    }

    [Fact]
    public void Mined_are_the_nearest_texts_and_pictures_that_are_no_near_duplicates()
    {
        const int K = 4;
        var hard = Mine(K);
        var near = new NearDuplicates(Pairs, i => Texts[i], Vectors.Images, Width);
        foreach (var i in All)
        {
            var texts = Nearest(Vectors.Images, Vectors.Texts, i);
            var pictures = Nearest(Vectors.Texts, Vectors.Images, i);
            Assert.Equal(texts.Zip(pictures).SelectMany(p => new[] { p.First, p.Second }).Distinct(), hard.Of(i));
        }

        IEnumerable<int> Nearest(float[] queries, float[] candidates, int i) =>
            All.Where(j => j != i && !near.Are(i, j)).OrderByDescending(j => Cosine(queries, candidates, i, j)).ThenBy(j => j).Take(K);
    }

    [Fact]
    public void Batches_hold_what_was_mined()
    {
        var hard = Mine(2);
        Assert.InRange(Together(null), 0.1, 0.3);
        Assert.InRange(Together(hard), 0.5, 1);

        double Together(HardNegatives? with)
        {
            var batches = new BatchSampler(Pairs, All, 30, new SeededRandom(5)).Epoch(with).ToList();
            Assert.Distinct(batches.SelectMany(b => b));
            Assert.All(batches, b => Assert.Distinct(b.Select(i => Pairs[i].Picture)));
            Assert.All(batches, b => Assert.Distinct(b.Select(i => Pairs[i].Text)));
            return batches.Sum(b => b.Count(i => hard.Of(i).Any(b.Contains))) / (double)Count;
        }
    }

    [Fact]
    public void Of_two_near_duplicates_that_are_both_near_to_a_pair_one_comes_along()
    {
        var hard = Mine(5);
        for (var seed = 0; seed < 100; seed++)
        {
            var first = new BatchSampler(Pairs, All, 4, new SeededRandom(seed)).Epoch(hard).First(); // one that was drawn and three that came along
            Assert.Subset(hard.Of(first[0]).ToHashSet(), first[1..].ToHashSet());
            foreach (var (a, b) in from a in first from b in first where a < b select (a, b)) Assert.False(hard.AreNear(a, b));
        }
    }

    [Fact]
    public void Only_chosen_pairs_are_mined_and_threads_change_nothing()
    {
        int[] chosen = [.. All.Where(i => i % 3 > 0)];
        var (one, three) = (Mine(3, chosen, threads: 1), Mine(3, chosen, threads: 3));
        foreach (var i in chosen)
        {
            Assert.Equal(one.Of(i), three.Of(i));
            Assert.Subset(chosen.ToHashSet(), one.Of(i).ToHashSet());
        }
    }

    [Fact]
    public void Where_all_pictures_look_the_same_nothing_is_mined()
    {
        float[] same = [.. Enumerable.Repeat(1f, Count * Width)];
        var hard = HardNegatives.Mine(Pairs, i => Texts[i], All, same, Vectors.Texts, 3, 2, TestContext.Current.CancellationToken);
        Assert.All(All, i => Assert.Empty(hard.Of(i)));
    }

    [Theory]
    [InlineData("Red shoe, size 42", "size 43 – red  RED Shoe!", true)]
    [InlineData("Red shoe", "Blue shoe", false)]
    [InlineData("12", "13", false)] // nothing but numbers is all there is
    [InlineData("Ärmel", "ÄRMEL", true)]
    public void Texts_of_the_same_words_are_near_duplicates(string a, string b, bool near) => Assert.Equal(near, NearDuplicates.WordsOf(a) == NearDuplicates.WordsOf(b));

    private static HardNegatives Mine(int count, int[]? chosen = null, int threads = 2)
    {
        chosen ??= All;
        return HardNegatives.Mine(Pairs, i => Texts[i], chosen, Rows(Vectors.Images), Rows(Vectors.Texts), count, threads, TestContext.Current.CancellationToken);

        float[] Rows(float[] all) => [.. chosen.SelectMany(i => all[(i * Width)..((i + 1) * Width)])];
    }

    // How an odd pair below 200 copies the one before it.
    private static int Planted(int i) => i < 200 && i % 2 == 1 ? i / 2 % 4 : -1;

    private static string Text(int i) => Planted(i) is 1 ? Text(i - 1) : Planted(i) is 2 ? $"{Name(i - 1)}, new in size {i}" : Planted(i) is 0 or 3 ? $"{Name(i)} other" : $"NEW size 40: {Name(i)} in";

    private static string Name(int i) => new([.. i.ToString(System.Globalization.CultureInfo.InvariantCulture).Select(digit => (char)(digit - '0' + 'a'))]);

    private static (float[] Images, float[] Texts) Draw()
    {
        var random = new SeededRandom(9);
        var (images, texts) = (new float[Count * Width], new float[Count * Width]);
        for (var i = 0; i < Count; i++)
            for (var f = 0; f < Width; f++)
            {
                var at = i * Width + f;
                if (i < 200 && i % 2 == 1)
                {
                    // Pictures of one thing that are not told by their vectors look different; the joint space brings both near to the texts.
                    images[at] = images[at - Width] + (Planted(i) == 3 ? 0.01f : 0.45f) * (float)random.NextNormal();
                    texts[at] = texts[at - Width] + 0.05f * (float)random.NextNormal();
                }
                else
                {
                    images[at] = (float)random.NextNormal();
                    texts[at] = images[at] + 0.2f * (float)random.NextNormal();
                }
            }
        return (images, texts);
    }

    private static double Cosine(float[] a, float[] b, int i, int j)
    {
        double dot = 0, x = 0, y = 0;
        for (var f = 0; f < Width; f++)
        {
            var (u, v) = ((double)a[i * Width + f], (double)b[j * Width + f]);
            (dot, x, y) = (dot + u * v, x + u * u, y + v * v);
        }
        return dot / Math.Sqrt(x * y);
    }
}
