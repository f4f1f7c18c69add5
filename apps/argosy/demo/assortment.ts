/** What the demo shop sells. Prices are minor units of the store's currency. */
export type DemoProduct = {
  readonly name: string
  readonly brand: string
  readonly price: number
  readonly stock: number
  readonly description: string
}

export type DemoCategory = {
  readonly name: string
  readonly description: string
  readonly products: readonly DemoProduct[]
}

const product = (name: string, brand: string, price: number, stock: number, description: string): DemoProduct => ({
  name,
  brand,
  price,
  stock,
  description,
})

export const assortment: readonly DemoCategory[] = [
  {
    name: 'Furniture',
    description: 'Tables, chairs and shelves for every room',
    products: [
      product('Oak dining table', 'Norrvik', 48_900, 40, 'Solid oak, seats six, oiled by hand.'),
      product('Stacking chair', 'Norrvik', 6_900, 400, 'Beech frame, stacks four high.'),
      product('Wall shelf 80 cm', 'Norrvik', 3_450, 250, 'Ash, with hidden brackets.'),
      product('Reading armchair', 'Brackwater', 32_500, 35, 'Wool cover, removable for cleaning.'),
      product('Folding desk', 'Brackwater', 15_900, 80, 'Folds flat against the wall.'),
      product('Three-legged stool', 'Brackwater', 4_200, 150, 'Birch, with a woven seat.'),
      product('Bedside table', 'Norrvik', 8_750, 90, 'One drawer, soft close.'),
      product('Coat rack', 'Ferrow', 5_600, 120, 'Powder-coated steel, eight hooks.'),
    ],
  },
  {
    name: 'Kitchen',
    description: 'For cooking and for the table',
    products: [
      product('Cast iron pan 26 cm', 'Ferrow', 5_900, 220, 'Seasoned and ready to use.'),
      product('Chef’s knife 20 cm', 'Ferrow', 8_400, 160, 'Carbon steel, walnut handle.'),
      product('Stoneware mug', 'Calder', 1_450, 900, 'Holds 300 ml, glazed inside.'),
      product('Dinner plate', 'Calder', 1_850, 800, 'Stoneware, 27 cm.'),
      product('Pour-over set', 'Calder', 4_700, 130, 'Glass carafe with a steel filter.'),
      product('Chopping board', 'Norrvik', 2_900, 300, 'End-grain maple.'),
      product('Salt and pepper mills', 'Ferrow', 3_900, 180, 'Ceramic grinders, a pair.'),
      product('Linen tea towels', 'Wick & Weft', 2_200, 350, 'Three in a set.'),
      product('Kettle 1.5 l', 'Ferrow', 6_200, 140, 'Enamel on steel, for every hob.'),
    ],
  },
  {
    name: 'Lighting',
    description: 'Lamps, bulbs and candles',
    products: [
      product('Desk lamp', 'Lumen Works', 7_900, 170, 'Two joints, dimmable, warm white.'),
      product('Paper pendant lamp', 'Lumen Works', 4_400, 210, 'Folded by hand, 45 cm.'),
      product('Floor lamp', 'Lumen Works', 12_900, 60, 'Brass stem, linen shade.'),
      product('LED bulb E27, four', 'Lumen Works', 1_990, 1_000, '8 W, 806 lm, 2,700 K.'),
      product('Beeswax candles, six', 'Wick & Weft', 1_650, 500, 'Burn for ten hours each.'),
      product('Storm lantern', 'Ferrow', 5_300, 75, 'For the garden and the boat.'),
      product('Night light', 'Lumen Works', 1_290, 420, 'Charges by USB, fades out.'),
    ],
  },
  {
    name: 'Outdoors',
    description: 'For the path, the water and the garden',
    products: [
      product('Day pack 20 l', 'Trailhead', 8_900, 140, 'Waxed cotton, leather straps.'),
      product('Two-person tent', 'Trailhead', 27_500, 45, 'Stands in three minutes, 2.1 kg.'),
      product('Steel flask 0.75 l', 'Trailhead', 3_200, 600, 'Keeps tea hot for twelve hours.'),
      product('Wool blanket', 'Wick & Weft', 9_400, 110, 'Woven from undyed wool, 130 × 180 cm.'),
      product('Hammock', 'Trailhead', 6_800, 85, 'Holds 180 kg, with tree straps.'),
      product('Pocket knife', 'Ferrow', 4_900, 190, 'One blade, locks.'),
      product('Watering can 9 l', 'Ferrow', 3_600, 130, 'Galvanised, with a brass rose.'),
      product('Compass', 'Trailhead', 2_700, 240, 'Liquid filled, on a cord.'),
    ],
  },
  {
    name: 'Books and paper',
    description: 'To read and to write',
    products: [
      product('The Harbour Clock', 'Quay Press', 1_690, 300, 'A novel of tides and small engines.'),
      product('Bread for Beginners', 'Quay Press', 2_490, 260, 'Forty loaves, from flat to tall.'),
      product('Field Guide to Clouds', 'Quay Press', 1_290, 340, 'All ten kinds, with photographs.'),
      product('Notebook A5', 'Calder', 990, 1_200, 'Dotted, 200 pages, lies flat.'),
      product('Fountain pen', 'Calder', 5_500, 150, 'Steel nib, takes any cartridge.'),
      product('Letter paper', 'Calder', 1_190, 420, 'Forty sheets and twenty envelopes.'),
    ],
  },
]
