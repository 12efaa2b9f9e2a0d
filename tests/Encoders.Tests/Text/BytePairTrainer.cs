using LmmRec.Encoders.Text;

namespace LmmRec.Encoders.Tests.Text;

/// <summary>Learns a byte-pair vocabulary: again and again the most frequent pair of neighbours becomes a symbol; of equally frequent ones, the first by id.</summary>
internal static class BytePairTrainer
{
    private const string Header = "#version: lmmrec";

    /// <summary>The lines of a <c>merges.txt</c> after which no pair occurs twice.</summary>
    public static List<string> Learn(IEnumerable<string> texts)
    {
        var pieces = texts.SelectMany(Pieces).ToList();
        var symbols = Bytes().Concat(Bytes().Select(b => b + "</w>")).ToList();
        var lines = new List<string> { Header };
        while (true)
        {
            var best = pieces.SelectMany(p => p.Zip(p.Skip(1))).GroupBy(pair => pair).Where(g => g.Count() > 1)
                .OrderByDescending(g => g.Count()).ThenBy(g => g.Key).FirstOrDefault();
            if (best is null) return lines;
            var (left, right) = best.Key;
            lines.Add($"{symbols[left]} {symbols[right]}");
            symbols.Add(symbols[left] + symbols[right]);
            foreach (var piece in pieces)
                for (var i = 0; i + 1 < piece.Count; i++)
                    if ((piece[i], piece[i + 1]) == best.Key)
                    {
                        piece[i] = symbols.Count - 1;
                        piece.RemoveAt(i + 1);
                    }
        }
    }

    // A tokenizer without merges gives bytes; the last of each piece is 256 or more.
    private static List<List<int>> Pieces(string text)
    {
        var tokenizer = new BytePairTokenizer([Header], new TextCleaning());
        var ids = new long[text.Length * 4 + 2];
        var pieces = new List<List<int>> { new() };
        foreach (var id in ids[1..(tokenizer.Encode(text, ids) - 1)])
        {
            pieces[^1].Add((int)id);
            if (id >= 256) pieces.Add([]);
        }
        return pieces;
    }

    private static IEnumerable<string> Bytes()
    {
        var printable = Enumerable.Range(33, 94).Concat(Enumerable.Range(161, 12)).Concat(Enumerable.Range(174, 82));
        return printable.Concat(Enumerable.Range(256, 68)).Select(c => ((char)c).ToString());
    }
}
