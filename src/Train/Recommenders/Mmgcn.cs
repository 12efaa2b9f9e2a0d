using System.ComponentModel.DataAnnotations;
using LmmRec.Graphs;
using LmmRec.Train.Data;

namespace LmmRec.Train.Recommenders;

/// <summary>Which MMGCN is trained.</summary>
public enum MmgcnMode
{
    /// <summary>As the published code does: the tables of ids and preferences keep their first random values (spec recommenders 5.4).</summary>
    Released,

    /// <summary>As the paper says: the tables are trained.</summary>
    Paper,
}

/// <summary>Options of <see cref="Mmgcn"/>.</summary>
public sealed record MmgcnOptions : RecommenderOptions
{
    /// <summary>Whether the tables of ids and preferences are trained; default released: they are not.</summary>
    public MmgcnMode Mode { get; init; } = MmgcnMode.Released;

    /// <summary>Weight of the tables' mean squares, λ; default 0.00001; 0 to 100. In released mode it is part of the loss and moves nothing.</summary>
    [Range(0.0, 100.0)]
    public double Reg { get; init; } = 1e-5;
}

/// <summary>MMGCN (Wei et al., 2019) as in MMRec: a graph convolution per modality, and the mean of what they give (spec recommenders 5).</summary>
public sealed class Mmgcn : Recommender<MmgcnOptions>
{
    private const int Layers = 3;

    // Visual vectors are reduced to this width before the first layer; others keep theirs.
    private const int VisualWidth = 256;

    public override string Name => "mmgcn";

    public override bool UsesContent => true;

    protected override RecommenderGraph Build(Graph g, TripleInputs batch, Catalogue catalogue, MmgcnOptions options)
    {
        var trained = options.Mode == MmgcnMode.Paper;
        var ids = g.Parameter("ids", [catalogue.Users + catalogue.Items, options.Dimensions], Initializers.XavierNormal, trained); // [N, D]
        var neighbours = catalogue.UserItems.Adjacency(Normalization.Mean).In(g, "interactions"); // [N, N]
        var branches = catalogue.Modalities.Select(m => new Branch(g, m, catalogue, options, trained)).ToList();

        var z = branches.Select(b => b.Forward(ids, neighbours)).Aggregate((a, b) => a + b) / branches.Count; // [N, D]
        var (users, items) = catalogue.Split(z); // [U, D], [I, D]

        var (i, j) = (batch.Positives + catalogue.Users, batch.Negatives + catalogue.Users); // their nodes, [B]
        var u = z[batch.Users]; // [B, D]
        var bpr = Losses.BprLog(Losses.Score(u, z[i]), Losses.Score(u, z[j]));
        // Over the rows of 2B pairs, in which every user stands twice.
        var squares = MeanSquare(ids[batch.Users]) + (MeanSquare(ids[i]) + MeanSquare(ids[j])) / 2;
        if (branches.Find(b => b.IsVisual) is { } visual) squares += MeanSquare(visual.Preference);
        var reg = options.Reg * squares;
        return new RecommenderGraph(bpr + reg, new Dictionary<string, Tensor> { ["bpr"] = bpr, ["reg"] = reg }, users, items);
    }

    private static Tensor MeanSquare(Tensor x) => (x * x).ReduceMean();

    /// <summary>The convolutions of one modality.</summary>
    private sealed class Branch
    {
        private readonly Tensor _features;
        private readonly Linear? _reduce;
        private readonly (Tensor Convolution, Linear Linear, Linear Combine)[] _layers;

        public Branch(Graph g, Modality modality, Catalogue catalogue, MmgcnOptions options, bool trained)
        {
            IsVisual = modality.IsVisual;
            var (d, width) = (options.Dimensions, IsVisual ? VisualWidth : modality.Width);
            _features = modality.Table(g, trained: false); // [I, F]
            if (IsVisual) _reduce = Linear.Of(g, $"{modality.Name}/reduce", modality.Width, width);
            Preference = g.Parameter($"{modality.Name}/preference", [catalogue.Users, width], Initializers.XavierNormal, trained); // [U, w]
            _layers = [.. Enumerable.Range(1, Layers).Select(layer =>
            {
                var (name, from) = ($"{modality.Name}/layer{layer}", layer == 1 ? width : d);
                return (
                    g.Parameter($"{name}/convolution", [from, from], Initializers.XavierNormal),
                    Linear.Of(g, $"{name}/linear", from, d, Initializers.XavierNormal),
                    Linear.Of(g, $"{name}/combine", from + d, d, layer == 1 ? Initializers.XavierNormal : null));
            })];
        }

        public bool IsVisual { get; }

        /// <summary>[U × w]</summary>
        public Tensor Preference { get; }

        /// <summary>[N × D]</summary>
        public Tensor Forward(Tensor ids, SparseMatrix neighbours)
        {
            var g = ids.Graph;
            var features = _reduce is null ? _features : _reduce[_features]; // [I, w]
            var x = g.Concat(0, Preference, features).Normalize(); // [N, w]
            foreach (var (convolution, linear, combine) in _layers)
            {
                var h = (neighbours * x.MatMul(convolution)).LeakyRelu(); // [N, w]
                var own = linear[x].LeakyRelu() + ids; // [N, D]
                x = combine[g.Concat(1, h, own)].LeakyRelu(); // [N, D]
            }
            return x;
        }
    }
}
