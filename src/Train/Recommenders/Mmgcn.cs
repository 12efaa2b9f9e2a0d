using System.ComponentModel.DataAnnotations;
using LmmRec.Graphs;

namespace LmmRec.Train.Recommenders;

/// <summary>Which MMGCN is trained.</summary>
public enum MmgcnMode
{
    /// <summary>As the published code does: the tables of ids and preferences keep their first random values (docs/recommenders.md#mmgcn).</summary>
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

/// <summary>
/// MMGCN (Wei et al., 2019) as in MMRec: a graph convolution per modality, and the mean of what they give (docs/recommenders.md#mmgcn).
/// </summary>
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
        var ids = catalogue.NodeTable(g, "ids", options.Dimensions, Initializers.XavierNormal, trained); // [N, D]
        var neighbours = catalogue.UserItems.Walk(staying: false).In(g, "interactions"); // means over them, [U, I] and [I, U]
        var branches = catalogue.Modalities.Select(m => new Branch(g, m, catalogue, neighbours, options, trained)).ToList();

        var own = catalogue.Split(ids);
        (Tensor Users, Tensor Items) Vectors(Rows? rows)
        {
            var sums = branches.Select(b => b.Forward(own, rows)).Aggregate((a, b) => (a.Users + b.Users, a.Items + b.Items));
            return (sums.Users / branches.Count, sums.Items / branches.Count); // [n, D], [m, D]
        }

        var touched = new TouchedItems(g);
        var (u, touchedItems) = Vectors(new Rows(batch.Users, touched)); // [B, D], [n, D]
        var (positives, negatives) = touched.Split(touchedItems); // [B, D]
        var bpr = Losses.BprLog(Losses.Score(u, positives), Losses.Score(u, negatives));
        var (i, j) = (batch.Positives + catalogue.Users, batch.Negatives + catalogue.Users); // their nodes, [B]
        // Over the rows of 2B pairs, in which every user stands twice.
        var squares = MeanSquare(ids[batch.Users]) + (MeanSquare(ids[i]) + MeanSquare(ids[j])) / 2;
        if (branches.Find(b => b.IsVisual) is { } visual) squares += MeanSquare(visual.Preference);
        var reg = options.Reg * squares;
        var (users, items) = Vectors(rows: null); // [U, D], [I, D]
        return new RecommenderGraph(bpr + reg, new Dictionary<string, Tensor> { ["bpr"] = bpr, ["reg"] = reg }, users, items)
        {
            Host = [touched.Host, .. branches.Select(b => b.Host).OfType<HostInput>()],
        };
    }

    private static Tensor MeanSquare(Tensor x) => (x * x).ReduceMean();

    /// <summary>The rows that the last layer is computed for.</summary>
    private sealed record Rows(Tensor Users, TouchedItems Items);

    /// <summary>
    /// The convolutions of one modality. Users and items are apart, as they meet only as neighbours; a convolution's matrix is applied on the
    /// items' side of the mean, where there are fewer rows.
    /// </summary>
    private sealed class Branch
    {
        private readonly (SparseMatrix OfUsers, SparseMatrix OfItems) _neighbours;
        private readonly Tensor _features;
        private readonly Linear? _reduce;
        private readonly (Tensor Convolution, Linear Linear, Linear Combine)[] _layers;
        private readonly Tensor _directions; // of the preferences, [U, w]
        private readonly Tensor _preferred; // the mean over each item's users of those, [I, w]

        public Branch(Graph g, Modality modality, Catalogue catalogue, (SparseMatrix OfUsers, SparseMatrix OfItems) neighbours, MmgcnOptions options, bool trained)
        {
            IsVisual = modality.IsVisual;
            _neighbours = neighbours;
            var (d, width) = (options.Dimensions, IsVisual ? VisualWidth : modality.Width);
            _features = modality.Table(g, trained: false); // [I, F]
            if (IsVisual) _reduce = Linear.Of(g, $"{modality.Name}/reduce", modality.Width, width);
            Preference = catalogue.UserTable(g, $"{modality.Name}/preference", width, Initializers.XavierNormal, trained); // [U, w]
            _layers = [.. Enumerable.Range(1, Layers).Select(layer =>
            {
                var (name, from) = ($"{modality.Name}/layer{layer}", layer == 1 ? width : d);
                return (
                    g.Parameter($"{name}/convolution", [from, from], Initializers.XavierNormal),
                    Linear.Of(g, $"{name}/linear", from, d, Initializers.XavierNormal),
                    Linear.Of(g, $"{name}/combine", from + d, d, layer == 1 ? Initializers.XavierNormal : null));
            })];
            _directions = Preference.Normalize(); // [U, w]
            _preferred = neighbours.OfItems * _directions; // [I, w]
            if (trained) return;
            // Tables that never change are worked on once, not in every step.
            Tensor[] once = [_directions, _preferred];
            (_directions, _preferred) = (g.Input($"{modality.Name}/directions", ElementType.Float32, _directions.Shape), g.Input($"{modality.Name}/preferred", ElementType.Float32, _preferred.Shape));
            Host = new HostInput(Refresh.Once, [_directions, _preferred], state => state.Read) { Reads = once };
        }

        public bool IsVisual { get; }

        /// <summary>[U × w]</summary>
        public Tensor Preference { get; }

        /// <summary>What is computed from tables that are not trained; null where all are.</summary>
        public HostInput? Host { get; }

        /// <summary>[U × D], [I × D], or those of <paramref name="rows"/>.</summary>
        public (Tensor Users, Tensor Items) Forward((Tensor Users, Tensor Items) ids, Rows? rows)
        {
            var (users, items) = (_directions, (_reduce is null ? _features : _reduce[_features]).Normalize()); // [U, w], [I, w]
            foreach (var (n, (convolution, linear, combine)) in _layers.Index())
            {
                var ofUsers = _neighbours.OfUsers * items.MatMul(convolution); // [U, w]
                var ofItems = (n == 0 ? _preferred : _neighbours.OfItems * users).MatMul(convolution); // [I, w]
                if (n == Layers - 1 && rows is not null)
                {
                    (users, ofUsers, ids.Users) = (users[rows.Users], ofUsers[rows.Users], ids.Users[rows.Users]);
                    (items, ofItems, ids.Items) = (rows.Items.Of(items), rows.Items.Of(ofItems), rows.Items.Of(ids.Items));
                }
                (users, items) = (Next(users, ofUsers, ids.Users), Next(items, ofItems, ids.Items)); // [U, D], [I, D]

                Tensor Next(Tensor x, Tensor neighbours, Tensor id) => combine.Over(neighbours.LeakyRelu(), linear[x].LeakyRelu() + id).LeakyRelu();
            }
            return (users, items);
        }
    }
}
