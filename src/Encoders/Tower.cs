using LmmRec.Artifacts;
using LmmRec.Encoders.Architectures;
using LmmRec.Encoders.Cards;
using LmmRec.Graphs;

namespace LmmRec.Encoders;

/// <summary>A graph that one tower or both run.</summary>
/// <param name="Name">its file</param>
/// <param name="Model">runs it</param>
/// <param name="ScalesOverBatch">whether it works out a scale over all that is in it, so that items have to run one by one and at one length</param>
/// <param name="Tables">by input, the rows of the table that it indexes, where it indexes one</param>
/// <param name="IsOwn">whether it is of an architecture of our own</param>
internal sealed record TowerGraph(string Name, InferenceModel Model, bool ScalesOverBatch, IReadOnlyDictionary<string, long> Tables, bool IsOwn);

/// <summary>One tower of an encoder: feeds its graph as many rows at a time as it takes, in the types that it takes, and makes vectors of its output.</summary>
internal sealed class Tower
{
    /// <summary>Rows of a batch where the graph takes any number and none is asked for: what keeps a processor busy, and a card.</summary>
    public const int RowsOnProcessor = 16, RowsOnCard = 64;

    private const int TokensOfRow = 512; // on average in a run with the full number of rows: attention's memory grows with the square of a text's length

    private readonly TowerGraph _graph;
    private readonly OnnxTower _names;
    private readonly VectorRule _rule;
    private readonly Batch _others; // what the graph wants besides
    private readonly int? _rows; // of each run, where the graph says it
    private readonly int _freeRows; // of a batch where the graph takes any number

    /// <param name="graph">the graph</param>
    /// <param name="names">the tower's part of it</param>
    /// <param name="other">the encoder's other tower, if there is one</param>
    /// <param name="card">the card that names both</param>
    /// <param name="freeRows">rows of a batch where the graph takes any number</param>
    /// <exception cref="InvalidInputException">The graph has other inputs or outputs than the card says.</exception>
    public Tower(TowerGraph graph, OnnxTower names, OnnxTower? other, EncoderCard card, int freeRows)
    {
        (_graph, _names, _rule, _freeRows) = (graph, names, new VectorRule(names, graph.Name), freeRows);
        CheckNames();
        _others = OtherInputs.Of(graph, names, other, card);
        var wanted = names.Inputs.Max(name => graph.Model.Input(name).Sizes is [> 0 and var rows, ..] ? rows : 0);
        _rows = wanted > 0 ? wanted : ScalesOverBatch ? 1 : null;
        var items = ScalesOverBatch ? 1 : _rows ?? freeRows;
        BatchSize = (freeRows + items - 1) / items * items;
    }

    /// <summary>Rows of every batch: those of the graph, or several times as many.</summary>
    public int BatchSize { get; }

    /// <summary>Whether the result of a row depends on all that is in the graph, padding among it.</summary>
    public bool ScalesOverBatch => _graph.ScalesOverBatch;

    /// <summary>Length of a vector, where the graph says it.</summary>
    public int? Width => _rule.WidthOf(_graph.Model.Output(_names.Output));

    /// <summary>The sizes that the tower's main input takes, −1 where any will do.</summary>
    public IReadOnlyList<int> InputSizes => _graph.Model.Input(_names.Input).Sizes;

    /// <summary>What the tower feeds and takes.</summary>
    public OnnxTower Names => _names;

    /// <summary>Fails where the graph does not take such a batch.</summary>
    /// <param name="batch">[<see cref="BatchSize"/>, …] for each input</param>
    /// <exception cref="InvalidInputException">Types or shapes do not fit.</exception>
    public void Check(Batch batch)
    {
        if (_graph.Model.Misfit(Parts(batch).First().Feed) is { } misfit) throw DoesNotTake(misfit);
    }

    /// <summary>Fails where a graph of our own was made for another context length than <paramref name="tokens"/>.</summary>
    /// <exception cref="InvalidInputException">The card was changed after the graph was written.</exception>
    public void CheckLength(int tokens)
    {
        var written = _graph.Model.Input(_names.Input).Names[1];
        if (_graph.IsOwn && written != EncoderGraph.UpTo(tokens)) throw DoesNotTake($"input '{_names.Input}' takes texts of {written} tokens, not {tokens}");
    }

    /// <summary>Fails where the graph's table of tokens has fewer rows than the tokenizer has ids.</summary>
    /// <param name="ids">ids of the tokenizer</param>
    /// <param name="file">the tokenizer's file</param>
    /// <exception cref="InvalidInputException">The tokenizer is another encoder's.</exception>
    public void CheckVocabulary(int ids, string file)
    {
        if (_graph.Tables.TryGetValue(_names.Input, out var rows) && rows < ids)
            throw new InvalidInputException($"{_graph.Name}: the table that '{_names.Input}' picks from has {rows} rows; {file} gives {ids} ids, so it is another encoder's: take the tokenizer that came with the file");
    }

    /// <summary>The vectors of a batch: [<see cref="BatchSize"/> × <see cref="Width"/>].</summary>
    /// <param name="batch">[<see cref="BatchSize"/>, …] for each input</param>
    /// <param name="tokens">of each row, how many are not padding; null: all that the output has</param>
    /// <exception cref="InvalidInputException">The graph is the user's and cannot run, or gives something else than the card says.</exception>
    /// <exception cref="GraphException">A graph of our own cannot run, such as for want of memory.</exception>
    public float[] Run(Batch batch, ReadOnlySpan<int> tokens)
    {
        float[] vectors = [];
        var (rows, items) = SizeOfParts(batch);
        foreach (var (first, feed) in Parts(batch))
        {
            var part = _rule.Apply(Run(feed), rows, items, tokens.IsEmpty ? [] : tokens.Slice(first, items));
            if (first == 0) vectors = new float[BatchSize * (part.Length / items)];
            part.CopyTo(vectors, first * (part.Length / items));
        }
        return vectors;
    }

    /// <summary>Runs the first row of a batch alone, or in the place of as many as the graph wants.</summary>
    /// <inheritdoc cref="Run(Batch, ReadOnlySpan{int})" path="/exception"/>
    public void Try(Batch batch) => Run(Part(batch, 0, _rows ?? 1, 1));

    /// <summary>What the graph is fed for a batch, run by run, and the first row of each.</summary>
    /// <param name="batch">[<see cref="BatchSize"/>, …] for each input</param>
    public IEnumerable<(int First, Batch Feed)> Parts(Batch batch)
    {
        var (rows, items) = SizeOfParts(batch);
        for (var first = 0; first < BatchSize; first += items) yield return (first, Part(batch, first, rows, items));
    }

    // Rows of each run, and how many of them differ: the last one fills those that are left. It follows from the texts' length alone, so no vector depends on others.
    private (int Rows, int Items) SizeOfParts(Batch batch)
    {
        if (_rows is { } wanted) return (wanted, ScalesOverBatch ? 1 : wanted);
        var rows = _freeRows;
        if (batch[_names.Input].Shape is [_, var tokens])
            while (rows > 1 && rows * tokens > _freeRows * TokensOfRow) rows /= 2;
        return (rows, rows);
    }

    private TensorData Run(Batch inputs)
    {
        try
        {
            return _graph.Model.Run(inputs, [_names.Output])[_names.Output];
        }
        catch (GraphException e) when (!_graph.IsOwn)
        {
            throw new InvalidInputException($"{_graph.Name} fails on a batch of the shapes and vocabulary that its card says: {e.Message}", e);
        }
    }

    // The rows from the given one on, as the graph takes them, and what it wants besides.
    private Batch Part(Batch batch, int first, int rows, int items)
    {
        var part = new Batch();
        foreach (var (name, data) in batch) part[name] = Rows(data, first, rows, items).To(_graph.Model.Input(name).Type);
        foreach (var (name, data) in _others) part[name] = data;
        return part;
    }

    private TensorData Rows(TensorData data, int first, int rows, int items)
    {
        if (rows == BatchSize) return data;
        var size = data.Values.Length / BatchSize;
        var part = TensorData.Zeros(data.Type, [rows, .. data.Shape[1..]]);
        for (var row = 0; row < rows; row++) Array.Copy(data.Values, (first + Math.Min(row, items - 1)) * size, part.Values, row * size, size);
        return part;
    }

    private InvalidInputException DoesNotTake(string misfit) => new(
        $"{_graph.Name} does not take what its card says: {misfit}; change the card (image.crop, text.length), or export the file with inputs of free sizes (dynamic axes) and of int64, int32, float32 or float16");

    private void CheckNames()
    {
        var remedy = _graph.IsOwn ? "an earlier version of lmmrec wrote it: run 'lmmrec models import' again" : "name them in the card's section onnx";
        if (_names.Inputs.Except(_graph.Model.Inputs).Any())
            throw new InvalidInputException($"{_graph.Name}: has the inputs {string.Join(", ", _graph.Model.Inputs)}; the card names {string.Join(", ", _names.Inputs)}; {remedy}");
        if (!_graph.Model.Outputs.Contains(_names.Output))
            throw new InvalidInputException($"{_graph.Name}: has the outputs {string.Join(", ", _graph.Model.Outputs)}; the card names {_names.Output}; {remedy}");
    }
}
