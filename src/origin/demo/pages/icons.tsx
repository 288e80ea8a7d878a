/** The few line icons of the shop, 24 units square. They say nothing to a screen reader. */

const PATHS = {
  search: "M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM16.2 16.2L21 21",
  cart: "M5 8h14l-1.2 12H6.2zM8.5 8a3.5 3.5 0 0 1 7 0",
  orders: "M6 3h12v18l-3-2l-3 2l-3-2l-3 2zM9.5 8h5M9.5 12h5",
  plus: "M12 5v14M5 12h14",
  chevron: "M6 9l6 6l6-6",
  arrow: "M5 12h14M13 6l6 6l-6 6",
  back: "M19 12H5M11 6l-6 6l6 6",
  check: "M5 12.5l4.5 4.5L19 7.5",
  truck:
    "M2.5 6h11v10h-11zM13.5 9.5h4l3.5 3.5v3h-7.5M7 18.5a1.8 1.8 0 1 0 0-.1M17 18.5a1.8 1.8 0 1 0 0-.1",
  returns: "M4 9h11a5 5 0 0 1 0 10H8M4 9l4-4M4 9l4 4",
  box: "M4 8l8-4l8 4v8l-8 4l-8-4zM4 8l8 4l8-4M12 12v8",
  globe: "M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18zM3 12h18M12 3c5 5 5 13 0 18c-5-5-5-13 0-18",
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);

export const Star = () => (
  <svg class="star" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d="M12 2.5l2.9 6.2l6.6.8l-4.9 4.6l1.3 6.7l-5.9-3.3l-5.9 3.3l1.3-6.7l-4.9-4.6l6.6-.8z" />
  </svg>
);

/** The shop's mark: a sun that has just come up. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 26" aria-hidden="true" focusable="false">
    <path class="mark-sun" d="M6 19a10 10 0 0 1 20 0z" />
    <path
      class="mark-line"
      d="M2.5 23h27M16 2v3.5M6.5 5.5l2.3 2.5M25.5 5.5l-2.3 2.5"
    />
  </svg>
);
