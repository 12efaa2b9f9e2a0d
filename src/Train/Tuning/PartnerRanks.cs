using LmmRec.Dense;
using LmmRec.Train.Tuning.Data;

namespace LmmRec.Train.Tuning;

/// <summary>
/// At which place each picture finds its text and each text its picture, by cosine, ties by index. Where several pairs have the same picture or the same
/// text, nobody can tell whose text or picture it is: that of any of them counts as found.
/// </summary>
internal static class PartnerRanks
{
    /// <summary>Ranks from 1, by pair. A first look at the partners alone says which score counts, a second at all pairs how many come before it.</summary>
    /// <param name="cosines">of pictures (a) and texts (b)</param>
    /// <param name="pairs">whose they are</param>
    /// <param name="threads">threads to use; changes only the speed</param>
    /// <param name="cancellation">stops between blocks</param>
    public static (int[] OfImages, int[] OfTexts) Of(Cosines cosines, IReadOnlyList<Pair> pairs, int threads, CancellationToken cancellation)
    {
        var (bestText, bestImage) = BestPartners(cosines, pairs);
        var (ofImages, ofTexts) = (new int[pairs.Count], new int[pairs.Count]);
        Array.Fill(ofImages, 1);
        Array.Fill(ofTexts, 1);
        var adding = new Lock();
        cosines.Visit(
            threads,
            () => new int[pairs.Count],
            (before, image, text, cosine) =>
            {
                if (new Place(cosine, text).ComesBefore(bestText[image])) ofImages[image]++;
                if (new Place(cosine, image).ComesBefore(bestImage[text])) before[text]++;
            },
            before =>
            {
                lock (adding)
                    for (var text = 0; text < pairs.Count; text++) ofTexts[text] += before[text];
            },
            cancellation);
        return (ofImages, ofTexts);
    }

    private static (Place[] Text, Place[] Image) BestPartners(Cosines cosines, IReadOnlyList<Pair> pairs)
    {
        var (text, image) = (new Place[pairs.Count], new Place[pairs.Count]);
        Array.Fill(text, Place.Last);
        Array.Fill(image, Place.Last);
        var all = Enumerable.Range(0, pairs.Count);
        var (byPicture, byText) = (all.ToLookup(pair => pairs[pair].Picture), all.ToLookup(pair => pairs[pair].Text));
        foreach (var i in all)
            foreach (var j in byPicture[pairs[i].Picture].Concat(byText[pairs[i].Text]))
            {
                var cosine = cosines.Of(i, j);
                if (new Place(cosine, j).ComesBefore(text[i])) text[i] = new Place(cosine, j);
                if (new Place(cosine, i).ComesBefore(image[j])) image[j] = new Place(cosine, i);
            }
        return (text, image);
    }

    private readonly record struct Place(float Cosine, int Index)
    {
        public static readonly Place Last = new(float.NegativeInfinity, int.MaxValue);

        public bool ComesBefore(Place other) => Cosine > other.Cosine || (Cosine == other.Cosine && Index < other.Index);
    }
}
